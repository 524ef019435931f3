"""What the dashboard shows where the server does not answer, or refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.processes import wait_for
from tests.support.synthetic_logs import MINUTE_US, event, now_us
from tests.ui.browser import Browser, Page
from tests.ui.dashboard import logs, open_dashboard, start_task
from tests.ui.site import Site
from tests.ui.synthetic_day import KNOWN_SESSION, write_known_session

BUSY = "The database is busy; try again in a moment."
TRY_AGAIN = "role=button[name='Try again']"


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    write_known_session(logs(site), site.directory / "projects", now_us() - 40 * MINUTE_US)
    event(logs(site), KNOWN_SESSION, "UserPromptSubmit", now_us() - 41 * MINUTE_US, prompt="Fix the basket")
    page = open_dashboard(browser, site)
    page.see(".panel.tools tbody tr")
    yield page
    assert page.problems() == []
    page.close()


def lists(page: Page) -> list[str]:
    """The requests for lists of sessions so far."""
    return [url for url in page.requests() if "/api/sessions?" in url]


def try_again(page: Page) -> None:
    """Press the button, unless the page has just loaded it again by itself because something has changed."""
    buttons = "[...document.querySelectorAll('[role=alert] button')]"
    page.evaluate(f"{buttons}.find((one) => one.innerText === 'Try again')?.click()")


def test_a_range_whose_figures_cannot_be_loaded_says_why_and_is_tried_again(page: Page) -> None:
    with page.refusing("**/api/history*", 503, BUSY):
        page.click("label:has-text('7 d')")
        page.see(f".glance[role=alert] >> text=The figures of this range cannot be shown: {BUSY}")
        assert page.texts(".panel.tools") == []
        page.see(".sessions")
        page.check_accessibility("range-fails")
    try_again(page)
    page.see(".panel.tools tbody tr")
    page.see_gone(".glance[role=alert]")


def test_a_page_says_why_it_has_nothing_to_show_and_loads_it_once_it_can(page: Page) -> None:
    for status, detail, shown in ((403, "Ask an admin.", "Ask an admin."), (0, "", "Cannot reach the server.")):
        with page.refusing("**/api/metrics*", status, detail):
            page.call("reload")
            page.see(f"main [role=alert] >> text={shown}")
            page.see("text=This page tries again every few seconds.")
            page.check_accessibility(f"refused-{status}")
        page.see(".panel.tools tbody tr")


def test_dates_are_a_range_in_whatever_order_they_are_given(page: Page) -> None:
    page.goto("/?since=2020-01-09&until=2020-01-05")
    page.see(".panel.tools >> text=/5.{1,3}9 Jan 2020/")
    page.fill(".dates input >> nth=0", "2020-02-01")
    page.see(".panel.tools >> text=/9 Jan .* 1 Feb 2020/")
    assert page.evaluate("location.search") == "?since=2020-01-09&until=2020-02-01"


def test_a_session_that_nobody_recorded_is_explained(page: Page) -> None:
    page.goto("/?session=00000000-0000-0000-0000-000000000000")
    page.see(".detail [role=alert] >> text=The overview lists those that you may see.")
    assert page.texts(TRY_AGAIN) == []


@pytest.mark.parametrize(("status", "shown"), [(500, BUSY), (0, "Cannot reach the server.")])
def test_a_session_that_cannot_be_loaded_says_why_and_is_loaded_again_on_demand(
    page: Page, status: int, shown: str
) -> None:
    with page.refusing(f"**/api/sessions/{KNOWN_SESSION}*", status, BUSY):
        page.goto(f"/?session={KNOWN_SESSION}")
        page.see(f".detail [role=alert] >> text={shown}")
        page.check_accessibility(f"session-fails-{status}")
        page.click(TRY_AGAIN)
        page.see(f".detail [role=alert] >> text={shown}")
    try_again(page)
    page.see(".call >> nth=0")
    page.see_gone(".detail [role=alert]")


def test_a_session_whose_events_cannot_be_loaded_shows_its_calls_and_loads_the_rest_on_demand(page: Page) -> None:
    with page.refusing("**/events?*", 503, BUSY):
        page.goto(f"/?session={KNOWN_SESSION}")
        page.see(f".detail [role=alert] >> text={BUSY}")
        page.see(".call >> nth=0")
        assert page.texts(".call.prompt") == []
    try_again(page)
    page.see(".call.prompt")
    page.see_gone(".detail [role=alert]")


def test_a_task_that_cannot_be_loaded_is_loaded_again_on_demand(page: Page, site: Site) -> None:
    task = start_task(site, "make the tests pass")
    page.see(".work-item.completed")  # what changes is loaded again without being asked
    with page.refusing(f"**/api/tool_usage/{task.task_id}*", 503, BUSY):
        page.click(".work-item.completed a")
        page.see(f".detail [role=alert] >> text={BUSY}")
    try_again(page)
    page.see(".detail h1 >> text=make the tests pass")
    page.see_gone(".detail [role=alert]")


def test_a_list_that_cannot_be_loaded_shows_no_sessions_of_other_filters(page: Page) -> None:
    page.see(".sessions .grid a")
    with page.refusing("**/api/sessions?*", 503, BUSY):
        page.fill("role=searchbox[name='Search titles, projects and session IDs']", "no such session")
        page.see(f".sessions [role=alert] >> text={BUSY}")
        assert page.texts(".sessions .grid a") == []
        page.check_accessibility("list-fails")
        asked = len(lists(page))
        page.click(f".sessions >> {TRY_AGAIN}")
        wait_for(lambda: len(lists(page)) > asked, "another request")
    try_again(page)
    page.see("text=No session matches these filters.")


def test_a_search_that_fails_is_tried_again_but_not_one_that_cannot_succeed(page: Page) -> None:
    with page.refusing("**/api/search*", 503, BUSY):
        page.goto("/?search=kettle")
        page.see(f".results [role=alert] >> text={BUSY}")
        page.check_accessibility("search-fails")
    page.click(TRY_AGAIN)
    page.see("text=Nothing found.")
    page.goto("/?search=%22")
    page.see(".results [role=alert]")
    assert page.texts(TRY_AGAIN) == []


def test_a_text_that_cannot_be_loaded_whole_is_loaded_again_on_demand(page: Page) -> None:
    page.goto(f"/?session={KNOWN_SESSION}")
    with page.refusing("**/text", 503, BUSY):
        page.click(".call.prompt")
        page.see(f"dialog [role=alert] >> text=The rest cannot be loaded. {BUSY}")
        page.check_accessibility("text-fails")
    page.click(f"dialog >> {TRY_AGAIN}")
    page.see_gone("dialog [role=alert]")


def test_a_session_that_is_opened_while_the_server_is_away_is_loaded_once_it_is_back(page: Page, site: Site) -> None:
    page.see(".sessions .grid a")
    site.stop()
    page.see("text=Reconnecting…")
    page.click(".sessions .grid a")
    page.see(".detail [role=alert] >> text=Cannot reach the server.")
    site.start()
    page.see(".call >> nth=0")
    page.see_gone(".detail [role=alert]")
