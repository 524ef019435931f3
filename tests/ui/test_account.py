"""The user's account on both pages: who sees what, a new password, and the end of all sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chatserver.world import PASSWORD
from tests.ui.browser import Browser, Page
from tests.ui.site import USERNAME, Site, fill_log_in, log_in, running_site

NEW = "a staple for the battery"
ADMIN_LINE = "text=You are an admin: you see everyone’s sessions, tasks and costs."


def change_password(page: Page, old: str, new: str) -> None:
    page.fill("role=textbox[name='Old password']", old)
    page.fill("role=textbox[name='New password']", new)
    page.click("role=button[name='Change password']")


def open_account(browser: Browser, site: Site, path: str) -> Page:
    """A page with the dialog of ann's account."""
    page = browser.open(site.url, path)
    if path == "/":
        page.click("role=button[name='Log in']")
        fill_log_in(page)
    else:
        log_in(page)
    page.click(f"role=button[name='{USERNAME}']")
    page.see(f"role=dialog[name='{USERNAME} user']")
    return page


def test_who_creates_the_first_account_still_sees_everything(browser: Browser, tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        page = browser.open(site.url, "/")
        page.see("text=Not logged in: on this machine, the account that runs the server sees everything.")
        page.goto("/chat")
        page.see("text=The first account is an admin’s, who sees everything.")
        page.check_accessibility("first-account")
        log_in(page)
        page.goto("/")
        page.see(ADMIN_LINE)
        assert [user.role for user in site.services.users.list()] == ["admin"]
        site.add_user("bob")
        page.click("role=button[name='Log out']")
        page.click("role=button[name='Log in']")
        fill_log_in(page, "bob")
        page.see("text=You see your own tasks and their sessions; totals cover everyone.")
        assert page.problems() == []
        page.close()


@pytest.mark.parametrize("path", ["/", "/chat"])
def test_a_new_password_ends_other_sessions_and_keeps_this_one(browser: Browser, site: Site, path: str) -> None:
    other = site.open_chat(browser)
    page = open_account(browser, site, path)
    page.check_accessibility(f"account-{path.strip('/') or 'dashboard'}")
    change_password(page, "not the password", NEW)
    page.see("role=alert >> text=The old password is wrong.")
    change_password(page, PASSWORD, "password1")
    page.see("role=alert >> text=The password is among the most common ones")
    change_password(page, PASSWORD, NEW)
    page.see("text=Your password is changed; your other sessions are logged out.")
    page.click("role=dialog >> role=button[name='Close']")
    page.goto(path)
    page.see(f"role=button[name='{USERNAME}']")
    other.goto("/chat")
    log_in(other, password=NEW)
    other.close()
    page.close()


@pytest.mark.parametrize("path", ["/", "/chat"])
def test_logging_out_everywhere_ends_all_sessions(browser: Browser, site: Site, path: str) -> None:
    other = site.open_chat(browser)
    page = open_account(browser, site, path)
    page.click("role=button[name='Log out everywhere']")
    page.see("text=You have been logged out everywhere.")
    other.goto("/chat")
    other.see("role=heading[name='Log in']")
    other.close()
    page.close()
