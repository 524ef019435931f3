"""Who is let in on /chat, how one goes, and what is kept meanwhile."""

from __future__ import annotations

from pathlib import Path

from tests.chatserver.world import PASSWORD
from tests.ui.browser import Browser, Page, named
from tests.ui.site import NAME, Site, log_in, made_site, send

LOG_IN = "role=heading[name='Log in']"


def test_a_wrong_password_is_told_and_the_right_one_lets_in(browser: Browser, site: Site) -> None:
    page = browser.open(site.url)
    page.see(LOG_IN)
    page.check_access("log-in")
    page.fill("role=textbox[name='Name']", NAME)
    page.fill("input[type=password]", "not the password")
    page.press("Enter")
    page.see("role=alert >> text=The name or the password is wrong.")
    page.check_access("log-in-refused")
    log_in(page)
    assert page.text(".who span") == NAME
    page.on("close")


def test_an_account_can_be_made_where_registration_is_on(browser: Browser, site: Site) -> None:
    page = browser.open(site.url)
    page.click("role=button[name='Make an account']")
    page.fill("role=textbox[name='Name']", "bob")
    page.fill("input[type=password]", "short")
    page.press("Enter")
    page.see("role=alert >> text=too short")
    page.check_access("register")
    log_in(page, "bob")
    assert page.text(".who span") == "bob"
    page.on("close")


def test_no_account_is_offered_where_registration_is_off(browser: Browser, tmp_path: Path) -> None:
    with made_site(tmp_path, registration=False) as site:
        page = browser.open(site.url)
        page.see(LOG_IN)
        assert page.texts("role=button") == ["Log in"]
        page.on("close")


def test_logging_out_is_for_all_windows_and_the_next_person_finds_nothing(page: Page, site: Site) -> None:
    site.person("bob")
    send(page, "a secret of ann")
    page.see("text=You said: a secret of ann")
    other = Page(page.browser, page.browser.tell("another", page=page.number), site.url)
    other.on("goto", f"{site.url}/chat")
    other.see("nav >> text=a secret of ann")
    page.click("role=button[name='Log out']")
    page.see("text=You are logged out.")
    other.see(LOG_IN)
    log_in(page, "bob")
    assert "secret" not in page.text("body")


def test_an_expired_token_shows_the_log_in_and_keeps_the_text(browser: Browser, tmp_path: Path) -> None:
    with made_site(tmp_path, token_seconds=6) as site:
        site.person()
        page = site.entered(browser)
        page.fill("#message", "a text that took long to write")
        page.see("text=The token has expired; log in again. Your text is kept.")
        page.check_access("expired")
        log_in(page)
        assert page.on("inputValue", at="#message") == "a text that took long to write"
        send(page, "a text that took long to write")
        page.see("text=You said: a text that took long to write")
        page.on("close")


def test_a_revoked_token_shows_the_log_in_while_a_message_waits(page: Page, site: Site) -> None:
    send(page, "first")
    page.see("text=You said: first")
    site.stop()
    send(page, "second")
    site.start()
    user = site.here.users.list()[0]
    page.see("text=You said: second")
    site.here.users.change_password(user.name, PASSWORD + "!")
    send(page, "third")
    page.see(LOG_IN)
    log_in(page, password=PASSWORD + "!")
    page.see("text=You said: third")
    assert page.texts(".message.user .plain-text") == ["first", "second", "third"]


def test_the_token_is_nowhere_where_a_script_finds_it(page: Page) -> None:
    cookies = {cookie["name"]: cookie for cookie in page.browser.tell("cookies", page=page.number)}
    assert cookies["hookmeter_token"]["httpOnly"]
    assert cookies["hookmeter_token"]["sameSite"] == "Strict"
    assert page.value("document.cookie.split('=')[0]") == "hookmeter_csrf"
    assert page.value("localStorage.length + sessionStorage.length") == 0


def test_log_in_works_with_the_keyboard_alone(browser: Browser, site: Site) -> None:
    page = browser.open(site.url)
    page.see(LOG_IN)
    page.type(NAME)
    page.press("Tab")
    page.type(PASSWORD)
    page.press("Enter")
    page.see(named("textbox", "Message"))
    assert page.trouble() == []
    page.on("close")
