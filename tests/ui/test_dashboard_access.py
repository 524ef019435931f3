"""The dashboard on a lost connection, behind a login, with a keyboard alone, on a phone, and with 10,000 sessions."""

from __future__ import annotations

from pathlib import Path

from tests.chatserver.world import PASSWORD
from tests.e2e.processes import wait_for
from tests.support.synthetic_logs import MINUTE_US, call, event, now_us
from tests.ui.browser import Browser, Page, by_role
from tests.ui.dashboard import PHONE, SHOP, log_in_to_dashboard, logs, open_dashboard, start_task, task_of
from tests.ui.site import USERNAME, Site, running_site

LOG_IN = "role=heading[name='Log in to hookmeter']"
MAX_HEAP_BYTES = 100_000_000


def test_a_lost_connection_is_shown_and_recovers(browser: Browser, site: Site) -> None:
    call(logs(site), "a-session", now_us(), took_ms=None, tool="Read", project_dir=SHOP)
    page = open_dashboard(browser, site)
    page.see(".work-item .tool >> text=Read")
    page.see(".connection >> text=Live")
    site.stop()
    page.see(".connection >> text=Reconnecting…")
    page.check_accessibility("dashboard-reconnecting")
    page.see_texts(".work-item .tool b", ["Read"])
    call(logs(site), "a-session", now_us(), took_ms=None, tool="WebSearch", project_dir=SHOP)
    site.start()
    page.see(".connection >> text=Live")
    page.see(".work-item .tool >> text=WebSearch")
    assert page.problems() == []
    page.close()


def test_in_production_nothing_is_shown_before_logging_in(browser: Browser, tmp_path: Path) -> None:
    with running_site(tmp_path, production=True) as site:
        site.add_user()
        call(logs(site), "a-session", now_us(), project_dir=SHOP)
        page = open_dashboard(browser, site)
        page.see(LOG_IN)
        page.check_accessibility("dashboard-log-in")
        page.type(USERNAME)
        page.press("Tab")
        page.type("not the password")
        page.press("Enter")
        page.see("role=alert >> text=The name or the password is wrong.")
        log_in_to_dashboard(page)
        page.see(".glance")
        page.click(by_role("button", "Log out"))
        page.see(LOG_IN)
        page.see("text=You have been logged out.")
        assert page.texts(".glance") == []
        page.call("reload")
        page.see(LOG_IN)
        log_in_to_dashboard(page)
        site.services.users.change_password(USERNAME, PASSWORD + "!")
        see_expiry(page)
        page.see(LOG_IN)
        page.close()


def test_an_expired_token_leads_to_the_log_in_form(browser: Browser, tmp_path: Path) -> None:
    with running_site(tmp_path, production=True, token_seconds=5) as site:
        site.add_user()
        page = open_dashboard(browser, site)
        log_in_to_dashboard(page)
        see_expiry(page)
        page.see(LOG_IN)
        page.check_accessibility("dashboard-expired")
        log_in_to_dashboard(page)
        page.close()


def test_a_keyboard_is_enough(browser: Browser, site: Site) -> None:
    site.add_user("root", "admin")
    task = start_task(site, "hold this please")
    page = open_dashboard(browser, site)
    page.see(".work-item.running")
    page.press("Tab")
    assert page.focused() == "Skip to content"
    tab_to(page, "Log in")
    page.press("Enter")
    page.see(LOG_IN)
    page.type("root")
    page.press("Tab")
    page.type(PASSWORD)
    page.press("Enter")
    page.see(f".work-item.running >> {by_role('button', 'Stop')}")
    tab_to(page, "Stop")
    page.press("Enter")
    page.see(".work-item.stopped")
    wait_for(lambda: task_of(site, task.task_id).status == "stopped", "the task to stop")
    page.focus(".work-item a >> nth=0")
    page.press("Enter")
    page.see("role=heading >> text=hold this please")
    tab_to(page, "← Overview")
    page.press("Enter")
    page.see(".glance")
    page.focus(".site-header .tools .options input >> nth=0")
    page.press("ArrowRight")
    page.wait_until("location.search === '?range=7d'")
    assert page.problems() == []
    page.close()


def see_expiry(page: Page) -> None:
    """The server checks the token of a stream every 15 seconds; the page requests a new stream 3 seconds later."""
    page.see("text=Your login has expired. Log in again.")


def tab_to(page: Page, name: str, max_presses: int = 100) -> None:
    """Press Tab until an element has the focus, from wherever it is: at most twice through the page."""
    reached = [page.focused()]
    while not reached[-1].startswith(name):
        assert len(reached) <= max_presses, f"Tab does not reach {name!r}, only {reached}."
        page.press("Tab")
        reached.append(page.focused())


def test_a_small_phone_never_scrolls_horizontally(browser: Browser, site: Site) -> None:
    call(
        logs(site),
        "a-session",
        now_us(),
        took_ms=None,
        tool="mcp__a_very_long_server_name__and_its_tool" * 2,
        project_dir=SHOP,
    )
    call(logs(site), "a-session", now_us(), took_ms=5, error="an-error-without-a-space-" * 20)
    start_task(site, "hold " + "a-word-without-an-end-" * 12)
    page = open_dashboard(browser, site, **PHONE)
    page.see(".work-item.running")
    page.check_accessibility("dashboard-phone")
    page.screenshot("dashboard-phone-whole", fullPage=True)
    page.click(".work-item.active a")
    page.see(".call")
    page.check_accessibility("dashboard-phone-session")
    page.click(".call button >> nth=0")
    page.see("role=dialog")
    page.check_accessibility("dashboard-phone-call")
    page.close()


def test_ten_thousand_sessions_are_listed_but_few_are_rendered(browser: Browser, site: Site) -> None:
    root, now = logs(site), now_us()
    for number in range(10_000):
        at_us = now - 6 * MINUTE_US - number * 60_000
        event(root, f"session-{number:05}", "SessionStart", at_us, project_dir=f"/home/you/project-{number % 97}")
    for number in range(200):
        call(root, f"live-{number:03}", now, took_ms=None, project_dir=SHOP)
    page = open_dashboard(browser, site)
    # Reading all their logs takes a while next to other tests.
    page.see(".sessions >> text=10,200 sessions", timeout_ms=180_000)
    page.fill(".sessions >> role=searchbox", "session-09999")
    page.see(".sessions .rows >> text=project-8")
    page.fill(".sessions >> role=searchbox", "")
    page.wait_until("document.querySelector('.sessions [role=table]').ariaRowCount === '10201'")
    scroll = "document.querySelector('.sessions .rows').scrollTo(0, 1e6)"  # to the end, where the next page is loaded
    page.wait_until(f"({scroll}, document.querySelector('.sessions .rows .line').ariaRowIndex > 260)")
    page.evaluate("document.querySelector('.work .rows').scrollTo(0, 100 * 46)")
    assert page.evaluate("document.querySelectorAll('*').length") < 3000
    assert page.evaluate("performance.memory.usedJSHeapSize") < MAX_HEAP_BYTES
    assert page.problems() == []
    page.close()
