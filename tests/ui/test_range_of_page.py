"""What the page shows of a chosen range: changes since the time before it, errors, contexts, and whole texts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chatserver.api.test_waits import asked
from tests.support.synthetic_logs import HOUR_US, SECOND_US, call, event, now_us
from tests.support.synthetic_transcripts import line, transcript_call, transcript_prompt
from tests.support.transcript_lines import usage
from tests.ui.browser import Browser, Page
from tests.ui.dashboard import HOSTILE, PHONE, logs, open_dashboard
from tests.ui.site import Site, counted_site

DAY_US = 24 * HOUR_US
LONG = "Explain every step of the way. " * 300


def write_calls(logs: Path, projects: Path) -> None:
    """Five calls of this week, two of the week before, and one of a month ago.

    Of those of this week, one has waited for permission; of those of the week before, one has failed.
    """
    now = now_us()
    transcript_call(projects, "oldest", now - 30 * DAY_US)
    transcript_call(projects, "before", now - 10 * DAY_US)
    event(logs, "hooked", "SessionStart", now - 10 * DAY_US, project_dir="/home/you/web-shop", source="startup")
    call(logs, "hooked", now - 10 * DAY_US, error=f"Exit code 7\n{HOSTILE}")
    asked(logs, "asked", now - HOUR_US, 90)
    for number in range(4):
        transcript_call(projects, "current", now - HOUR_US + number * SECOND_US)
    transcript_prompt(projects, "current", now - 60 * SECOND_US, f"{LONG}And then stop.")
    message = {"id": "m", "model": "claude-opus-5-5", "content": [], "usage": usage(10, 50, read=849_990)}
    line(projects, "current", now - 50 * SECOND_US, "assistant", message, requestId="r")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with counted_site(tmp_path, write_calls) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    page = open_dashboard(browser, site, "/?range=7d")
    yield page
    assert page.problems() == []
    assert page.foreign_requests() == []
    page.close()


def figure(name: str) -> str:
    return f".figure:has(dt:text-is('{name}'))"


def test_figures_show_their_change_since_the_time_before(page: Page) -> None:
    page.see(f"{figure('Tool calls')} >> text=+150% vs previous 7 days")
    page.see(f"{figure('Failed calls')} >> text=−100% vs previous 7 days")
    page.see(f"{figure('Error rate')} >> text=−50.0 points vs previous 7 days")
    page.see(f"{figure('Cost')} >> text=times previous 7 days")
    page.see(f"{figure('Tokens')} >> text=times previous 7 days")
    page.check_accessibility("compared")


def test_a_time_before_that_may_be_incomplete_is_not_compared(page: Page) -> None:
    page.goto("/?range=30d")
    page.see(f"{figure('Tokens')} >> text=last 30 days")
    for name in ("Tool calls", "Failed calls", "Cost"):
        assert page.texts(figure(name))[0].endswith("last 30 days")


def test_the_latest_errors_are_those_of_the_range(page: Page, site: Site) -> None:
    page.see(".errors >> text=No failed tool calls in this range")
    page.goto("/?range=30d")
    page.see(".errors .latest >> text=Exit code 7")
    page.see(f".errors .latest >> text={HOSTILE}")
    page.click(".errors .latest a")
    page.see("h1:has-text('web-shop')")


def test_errors_whose_texts_are_deleted_are_reported(page: Page, site: Site) -> None:
    shutil.rmtree(logs(site) / "hooked")
    page.goto("/?range=90d")
    page.see(".errors >> text=The files of one session with newer errors are deleted; their texts are gone.")


def test_waits_for_people_are_those_of_the_range(page: Page) -> None:
    page.see(".waits >> text=Permission")
    assert page.texts(".waits tbody tr")[0].split("\t") == ["Permission", "1", *(["1 min 30 s"] * 4)]
    page.check_accessibility("waits")
    page.goto("/?since=2020-01-01&until=2020-01-02")
    page.see(".errors >> text=No failed tool calls")
    page.see_gone(".waits")


def test_running_work_and_the_list_show_how_full_the_context_is(page: Page) -> None:
    page.see(".work-item:has-text('shop') >> text=850K context, 85% full")
    page.see(".sessions .status.active >> text=85% full")
    assert page.evaluate("getComputedStyle(document.querySelector('.context-use')).color") == page.evaluate(
        "getComputedStyle(document.querySelector('.context-use.bad')).color"
    )


def test_a_row_opens_to_the_whole_prompt(page: Page, browser: Browser, site: Site) -> None:
    page.goto("/?session=current")
    page.click(".call.prompt .lane")
    page.see("role=dialog >> text=And then stop.")
    assert json.loads(page.evaluate("JSON.stringify(document.querySelector('dialog pre').textContent)")) == (
        f"{LONG}And then stop."
    )
    phone = open_dashboard(browser, site, "/?range=7d", **PHONE)
    phone.see(f"{figure('Tool calls')} >> text=+150% vs previous 7 days")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.close()
