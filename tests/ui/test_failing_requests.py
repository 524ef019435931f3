"""What the dashboard shows where the server does not answer, or refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.synthetic_logs import MINUTE_US, now_us
from tests.ui.browser import Browser, Page
from tests.ui.dashboard import logs, open_dashboard
from tests.ui.site import Site
from tests.ui.synthetic_day import write_known_session

BUSY = "The database is busy; try again in a moment."


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    write_known_session(logs(site), site.directory / "projects", now_us() - 40 * MINUTE_US)
    page = open_dashboard(browser, site)
    page.see(".panel.tools tbody tr")
    yield page
    assert page.problems() == []
    page.close()


def test_a_range_whose_figures_cannot_be_loaded_says_why_and_is_tried_again(page: Page) -> None:
    with page.refusing("**/api/history*", 503, BUSY):
        page.click("label:has-text('7 d')")
        page.see(f".glance[role=alert] >> text=The figures of this range cannot be shown: {BUSY}")
        assert page.texts(".panel.tools") == []
        page.see(".sessions")
        page.check_accessibility("range-fails")
    page.click("role=button[name='Try again']")
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
