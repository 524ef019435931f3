"""The dashboard over bad lines, behind its door, by the keyboard, on a phone, and with very much on it."""

from __future__ import annotations

from pathlib import Path

from tests.chatserver.world import PASSWORD
from tests.e2e.processes import wait_for
from tests.support.synthetic_logs import MINUTE_US, call, event, now_us
from tests.ui.browser import Browser, Page, named
from tests.ui.overview import SHOP, SMALL, enter, give, logs, look, task_of
from tests.ui.site import NAME, Site, made_site

DOOR = "role=heading[name='Log in to hookmeter']"
MAX_HEAP = 100_000_000


def test_a_lost_connection_shows_comes_back_and_catches_up(browser: Browser, site: Site) -> None:
    call(logs(site), "a-session", now_us(), took_ms=None, tool="Read", project_dir=SHOP)
    page = look(browser, site)
    page.see(".job .tool >> text=Read")
    page.see(".connection >> text=Live")
    site.stop()
    page.see(".connection >> text=Connection lost")
    page.check_access("dashboard-lost")
    assert page.texts(".job .tool b") == ["Read"]
    call(logs(site), "a-session", now_us(), took_ms=None, tool="WebSearch", project_dir=SHOP)
    site.start()
    page.see(".connection >> text=Live")
    page.see(".job .tool >> text=WebSearch")
    assert page.trouble() == []
    page.on("close")


def test_in_production_nothing_shows_before_one_is_in(browser: Browser, tmp_path: Path) -> None:
    with made_site(tmp_path, production=True) as site:
        site.person()
        call(logs(site), "a-session", now_us(), project_dir=SHOP)
        page = look(browser, site)
        page.see(DOOR)
        page.check_access("dashboard-log-in")
        page.type(NAME)
        page.press("Tab")
        page.type("not the password")
        page.press("Enter")
        page.see("role=alert >> text=The name or the password is wrong.")
        enter(page)
        page.see(".glance")
        page.click(named("button", "Log out"))
        page.see(DOOR)
        page.see("text=You are logged out.")
        assert page.texts(".glance") == []
        page.on("reload")
        page.see(DOOR)
        enter(page)
        site.here.users.change_password(NAME, PASSWORD + "!")
        see_it_expired(page)
        page.see(DOOR)
        page.on("close")


def test_an_expired_token_leads_to_the_door(browser: Browser, tmp_path: Path) -> None:
    with made_site(tmp_path, production=True, token_seconds=5) as site:
        site.person()
        page = look(browser, site)
        enter(page)
        see_it_expired(page)
        page.see(DOOR)
        page.check_access("dashboard-expired")
        enter(page)
        page.on("close")


def test_everything_can_be_done_with_the_keyboard_alone(browser: Browser, site: Site) -> None:
    site.person("root", "admin")
    task = give(site, "hold this please")
    page = look(browser, site)
    page.see(".job.running")
    page.press("Tab")
    assert page.focused() == "Skip to the content"
    tab_to(page, "Log in")
    page.press("Enter")
    page.see(DOOR)
    page.type("root")
    page.press("Tab")
    page.type(PASSWORD)
    page.press("Enter")
    page.see(".job.running")
    tab_to(page, "Stop")
    page.press("Enter")
    page.see(".job.stopped")
    wait_for(lambda: task_of(site, task.task_id).status == "stopped", "the task to stop")
    page.on("focus", at=".job a >> nth=0")
    page.press("Enter")
    page.see("role=heading >> text=hold this please")
    tab_to(page, "← Overview", most=30)
    page.press("Enter")
    page.see(".glance")
    page.on("focus", at=".top .ranges input >> nth=1")
    page.press("ArrowRight")
    page.holds("location.search === '?range=7d'")
    assert page.trouble() == []
    page.on("close")


def see_it_expired(page: Page) -> None:
    """A stream asks every 15 seconds whether its token is still good, and the page 3 seconds later for another."""
    page.on("waitFor", {"timeout": 40_000}, at="text=Your log-in has expired; log in again. >> nth=0")


def tab_to(page: Page, name: str, most: int = 40) -> None:
    for _ in range(most):
        if page.focused().startswith(name):
            return
        page.press("Tab")
    raise AssertionError(f"The Tab key does not lead to {name!r}.")


def test_a_small_phone_shows_everything_without_scrolling_sideways(browser: Browser, site: Site) -> None:
    call(
        logs(site),
        "a-session",
        now_us(),
        took_ms=None,
        tool="mcp__a_very_long_server_name__and_its_tool" * 2,
        project_dir=SHOP,
    )
    call(logs(site), "a-session", now_us(), took_ms=5, error="an-error-without-a-space-" * 20)
    give(site, "hold " + "a-word-without-an-end-" * 12)
    page = look(browser, site, **SMALL)
    page.see(".job.running")
    page.check_access("dashboard-phone")
    page.on("screenshot", {"path": "test-results/ui/dashboard-phone-whole.png", "fullPage": True})
    page.click(".job.active a")
    page.see(".call")
    page.check_access("dashboard-phone-session")
    page.click(".call button >> nth=0")
    page.see("role=dialog")
    page.check_access("dashboard-phone-call")
    page.on("close")


def test_ten_thousand_sessions_are_all_there_and_few_of_them_in_the_page(browser: Browser, site: Site) -> None:
    root, now = logs(site), now_us()
    for number in range(10_000):
        at_us = now - 6 * MINUTE_US - number * 60_000
        event(root, f"session-{number:05}", "SessionStart", at_us, project_dir=f"/home/you/project-{number % 97}")
    for number in range(200):
        call(root, f"live-{number:03}", now, took_ms=None, project_dir=SHOP)
    page = look(browser, site)
    # They were all written at once, and are read while other tests run.
    page.on("waitFor", {"timeout": 60_000}, at=".sessions >> text=10,200 in 24 h >> nth=0")
    page.fill("role=searchbox", "session-09999")
    page.see(".sessions .rows >> text=project-8")
    page.fill("role=searchbox", "")
    page.holds("document.querySelector('.sessions [role=table]').ariaRowCount === '10201'")
    page.value("document.querySelector('.sessions .rows').scrollTo(0, 5000 * 34)")
    page.holds("document.querySelector('.sessions .rows .line').ariaRowIndex > 4000")
    page.value("document.querySelector('.work .rows').scrollTo(0, 100 * 46)")
    assert page.value("document.querySelectorAll('*').length") < 3000
    assert page.value("performance.memory.usedJSHeapSize") < MAX_HEAP
    assert page.trouble() == []
    page.on("close")
