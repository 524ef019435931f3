"""The list of sessions on the page: filters, sorting and the range in the URL, whole rows as links, and keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.synthetic_logs import HOUR_US, SECOND_US, append, call, event, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_prompt
from tests.ui.browser import Browser, Page
from tests.ui.dashboard import HOSTILE, PHONE, open_dashboard
from tests.ui.site import Site, counted_site

DAY_US = 24 * HOUR_US
FOCUSED_ROW = "Number(document.activeElement.closest('.line')?.ariaRowIndex)"
LIST_SEARCH = ".sessions >> role=searchbox"
ALL_ARE_LOADED = "document.querySelector('.sessions .rows .all').style.height === `${122 * 36}px`"
TITLES = "[...document.querySelectorAll('.sessions .rows .title')].map((one) => one.innerText)"


def write_sessions(logs: Path, projects: Path) -> None:
    """Two sessions of today, the older of which is expensive and has failed, and those of last month."""
    now = now_us()
    transcript_prompt(projects, "tea", now - HOUR_US, "make tea")
    transcript_call(projects, "tea", now - HOUR_US + SECOND_US)
    transcript_prompt(projects, "login", now - 2 * HOUR_US, HOSTILE)
    append(transcript(projects, "login"), {"type": "ai-title", "aiTitle": "Fix the login", "sessionId": "login"})
    for number in range(3):
        transcript_call(projects, "login", now - 2 * HOUR_US + number * SECOND_US, error="Exit code 1")
    for number in range(120):
        session, prompt = f"old-{number:03}", f"Number {number}"
        event(logs, session, "UserPromptSubmit", now - 30 * DAY_US, prompt=prompt, project_dir="/blog")
        call(logs, session, now - 30 * DAY_US + SECOND_US, tool="Glob")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with counted_site(tmp_path, write_sessions) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    page = open_dashboard(browser, site)
    yield page
    assert page.problems() == []
    page.close()


def see_titles(page: Page, *titles: str) -> None:
    page.wait_until(f"JSON.stringify({TITLES}) === JSON.stringify({list(titles)})")


def url(page: Page) -> str:
    found: str = page.evaluate("location.search")
    return found


def see_focus_on(page: Page, title: str) -> None:
    page.wait_until(f"document.activeElement.innerText === {title!r}")


def test_filters_and_the_order_are_in_the_url(page: Page, browser: Browser, site: Site) -> None:
    see_titles(page, "make tea", "Fix the login")
    page.click("role=columnheader >> text=Cost")
    see_titles(page, "Fix the login", "make tea")
    page.click("role=columnheader >> text=Cost")
    see_titles(page, "make tea", "Fix the login")
    page.click("text=with failed calls")
    see_titles(page, "Fix the login")
    page.call("selectOption", "shop", selector="role=combobox[name='Project']")
    page.fill(LIST_SEARCH, "LOGIN")
    page.wait_until("location.search.includes('q=LOGIN')")
    assert url(page) == "?q=LOGIN&project=shop&failed=true&sort=cost&order=asc"
    shared = open_dashboard(browser, site, f"/{url(page)}")
    see_titles(shared, "Fix the login")
    assert shared.evaluate("document.querySelector('.sessions [type=search]').value") == "LOGIN"
    assert shared.evaluate("document.querySelector('[aria-sort=ascending]').innerText.trim()").startswith("Cost")
    shared.click("text=Clear filters")
    see_titles(shared, "make tea", "Fix the login")
    shared.fill("role=spinbutton", "0.003")
    see_titles(shared, "Fix the login")
    shared.fill(LIST_SEARCH, "nothing like this")
    shared.see("text=No session matches these filters.")
    shared.check_accessibility("sessions-filtered")
    shared.close()


def test_a_click_anywhere_on_a_row_opens_its_session(page: Page) -> None:
    page.click(".sessions .rows .line >> nth=1")
    page.see(".timeline")
    assert url(page) == "?session=login"
    page.call("goBack")
    see_titles(page, "make tea", "Fix the login")


def test_the_range_covers_everything_on_the_page(page: Page, browser: Browser, site: Site) -> None:
    see_titles(page, "make tea", "Fix the login")
    assert "Glob" not in page.text(".panel.tools")
    page.click("role=radio[name='90 d']")
    page.see(".sessions >> text=122 sessions")
    page.see(".panel.tools tr:has-text('Glob') >> text=120")
    page.see(".costs >> text=last 90 days, per day")
    assert url(page) == "?range=90d"
    page.evaluate("document.querySelector('.sessions .rows').scrollTo(0, 1e6)")
    page.wait_until(ALL_ARE_LOADED)
    day = (datetime.now().astimezone() - timedelta(days=30)).strftime("%Y-%m-%d")
    page.click("role=radio[name='Dates']")
    page.fill("[type=date] >> nth=0", day)
    page.fill("[type=date] >> nth=1", day)
    page.see(".sessions >> text=120 sessions")
    page.wait_until(f"location.search === '?since={day}&until={day}'")
    page.see(".panel.tools tr:has-text('Glob') >> text=120")
    assert "Bash" not in page.text(".panel.tools")
    words = page.evaluate(f"new Date(`{day}T00:00`).toLocaleDateString([], {{ day: 'numeric', month: 'short' }})")
    page.see(f".glance >> text={words}")
    page.check_accessibility("sessions-dates")


def test_the_figures_of_the_range_before_stay_until_those_of_another_one_are_there(page: Page) -> None:
    page.see(".glance >> text=last 24 h")
    with page.holding("**/api/history?*"):
        page.click("role=radio[name='90 d']")
        page.see_held()
        page.see(".overview[aria-busy=true] .glance >> text=last 24 h")
    page.see(".overview[aria-busy=false] .glance >> text=last 90 days")


def test_keys_search_select_open_and_list_themselves(page: Page) -> None:
    see_titles(page, "make tea", "Fix the login")
    page.press("/")
    page.wait_until("document.activeElement.type === 'search'")
    page.type("j?")
    page.wait_until("location.search === '?q=j%3F'")
    page.fill(LIST_SEARCH, "")
    see_titles(page, "make tea", "Fix the login")
    page.press("Escape", "?")
    page.see("role=dialog[name='Keys']")
    page.check_accessibility("sessions-keys")
    page.press("Escape")
    for key, title in (("j", "make tea"), ("j", "Fix the login"), ("k", "make tea"), ("j", "Fix the login")):
        page.press(key)
        see_focus_on(page, title)
    page.press("Enter")
    page.see(".timeline")
    assert url(page) == "?session=login"


def test_keys_reach_rows_that_are_not_loaded_yet(page: Page) -> None:
    page.click("role=radio[name='90 d']")
    page.see(".sessions >> text=122 sessions")
    with page.holding("**/api/sessions?*cursor*"):
        page.press(*["j"] * 110)
        page.wait_until(f"{FOCUSED_ROW} === 101")
    page.wait_until(f"{FOCUSED_ROW} === 111")
    page.press(*["j"] * 20)
    page.wait_until(f"{FOCUSED_ROW} === 123")
    page.press("k")
    page.wait_until(f"{FOCUSED_ROW} === 122")


def test_keys_wait_for_the_list(page: Page) -> None:
    see_titles(page, "make tea", "Fix the login")
    with page.holding("**/api/sessions?*"):
        page.click("text=with failed calls")
        page.see_held()
        page.press("j")
    see_titles(page, "Fix the login")
    see_focus_on(page, "Fix the login")
    with page.holding("**/api/sessions?*"):
        page.click("text=Clear filters")
        page.see_held()
        page.press("j", "/")
    see_titles(page, "make tea", "Fix the login")
    assert page.evaluate("document.activeElement.type") == "search"


def test_the_selected_session_stays_selected_while_the_list_is_loaded_again(page: Page, site: Site) -> None:
    see_titles(page, "make tea", "Fix the login")
    page.press("j")
    see_focus_on(page, "make tea")
    with page.holding("**/api/sessions?*"):
        for name in ("coffee", "login"):
            transcript_prompt(site.directory / "projects", name, now_us(), f"make {name}")
        page.see_held()
        page.press("j")
        see_focus_on(page, "Fix the login")
    see_titles(page, "Fix the login", "make coffee", "make tea")
    see_focus_on(page, "Fix the login")
    page.press("j", "j")
    see_focus_on(page, "make tea")


def test_a_phone_shows_what_tells_sessions_apart(browser: Browser, site: Site) -> None:
    page = open_dashboard(browser, site, "/?range=90d", **PHONE)
    page.see(".sessions .rows >> text=Fix the login")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.check_accessibility("sessions-phone")
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1280, 1440])
def test_no_date_is_cut(browser: Browser, site: Site, width: int) -> None:
    page = open_dashboard(browser, site, "/?range=90d", viewport={"width": width, "height": 800}, locale="en-US")
    page.see("text=Number 119")
    dates = "[...document.querySelectorAll('.sessions .last_activity')]"
    cut = page.evaluate(f"{dates}.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)")
    assert cut == []
    page.close()
