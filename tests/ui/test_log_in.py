"""Logging in to and out of the chat, and what survives it."""

from __future__ import annotations

from pathlib import Path

from tests.chatserver.world import PASSWORD
from tests.ui.browser import Browser, Page, by_role
from tests.ui.site import USERNAME, Site, log_in, running_site, send

LOG_IN = "role=heading[name='Log in']"


def test_a_wrong_password_is_rejected_and_the_right_one_accepted(browser: Browser, site: Site) -> None:
    page = browser.open(site.url, "/chat")
    page.see(LOG_IN)
    page.check_accessibility("log-in")
    page.fill("role=textbox[name='Username']", USERNAME)
    page.fill("input[type=password]", "not the password")
    page.press("Enter")
    page.see("role=alert >> text=The name or the password is wrong.")
    page.check_accessibility("log-in-rejected")
    log_in(page)
    assert page.text(".site-header .account button[title$='your account']") == USERNAME
    page.close()


def test_an_account_can_be_created_where_registration_is_on(browser: Browser, site: Site) -> None:
    page = browser.open(site.url, "/chat")
    page.click("role=button[name='Create an account']")
    page.fill("role=textbox[name='Username']", "bob")
    page.fill("input[type=password]", "short")
    page.press("Enter")
    page.see("role=alert >> text=too short")
    page.check_accessibility("register")
    log_in(page, "bob")
    assert page.text(".site-header .account button[title$='your account']") == "bob"
    page.close()


def test_no_account_is_offered_where_registration_is_off(browser: Browser, tmp_path: Path) -> None:
    with running_site(tmp_path, registration=False) as site:
        page = browser.open(site.url, "/chat")
        page.see(LOG_IN)
        page.see_texts("form >> role=button", ["Log in"])
        page.close()


def test_logging_out_logs_out_all_windows_and_leaves_nothing_to_the_next_user(page: Page, site: Site) -> None:
    site.add_user("bob")
    send(page, "a secret of ann")
    page.see("text=You said: a secret of ann")
    other = page.open_in_same_context("/chat")
    other.see("nav >> text=a secret of ann")
    page.click("role=button[name='Log out']")
    page.see("text=You have been logged out.")
    other.see(LOG_IN)
    log_in(page, "bob")
    assert "secret" not in page.text("body")


def test_an_expired_token_shows_the_log_in_form_and_keeps_the_draft(browser: Browser, tmp_path: Path) -> None:
    with running_site(tmp_path, token_seconds=6) as site:
        site.add_user()
        page = site.open_chat(browser)
        page.fill("#message", "a text that took long to write")
        page.see("text=The token has expired; log in again. Your unsent text is kept.")
        page.check_accessibility("expired")
        log_in(page)
        assert page.call("inputValue", selector="#message") == "a text that took long to write"
        send(page, "a text that took long to write")
        page.see("text=You said: a text that took long to write")
        page.close()


def test_a_message_that_a_revoked_token_held_up_is_delivered_after_logging_in(page: Page, site: Site) -> None:
    send(page, "first")
    page.see("text=You said: first")
    site.stop()
    send(page, "second")
    site.start()
    user = site.services.users.list()[0]
    page.see("text=You said: second")
    site.services.users.change_password(user.name, PASSWORD + "!")
    send(page, "third")
    page.see(LOG_IN)
    log_in(page, password=PASSWORD + "!")
    page.see("text=You said: third")
    page.see_texts(".message.user .plain-text", ["first", "second", "third"])


def test_scripts_cannot_read_the_token(page: Page) -> None:
    cookies = {cookie["name"]: cookie for cookie in page.browser.send("cookies", page=page.number)}
    assert cookies["hookmeter_token"]["httpOnly"]
    assert cookies["hookmeter_token"]["sameSite"] == "Strict"
    assert page.evaluate("document.cookie.split('=')[0]") == "hookmeter_csrf"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_keyboard_is_enough_to_log_in(browser: Browser, site: Site) -> None:
    page = browser.open(site.url, "/chat")
    page.see(LOG_IN)
    page.type(USERNAME)
    page.press("Tab")
    page.type(PASSWORD)
    page.press("Enter")
    page.see(by_role("textbox", "Message"))
    assert page.problems() == []
    page.close()
