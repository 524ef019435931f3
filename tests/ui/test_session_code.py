"""The page of a session shows what it changed in code, if it did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporter.commands.test_code_command import COMMIT, edit
from tests.support.synthetic_logs import HOUR_US, call, now_us
from tests.ui.browser import Browser
from tests.ui.dashboard import open_dashboard
from tests.ui.site import Site, counted_site

EDITS, READS = "11111111-aaaa-4bbb-8ccc-000000000001", "22222222-aaaa-4bbb-8ccc-000000000002"


def write_sessions(logs: Path, _projects: Path) -> None:
    for change in (edit("a.py", 1200, 3), {"tool_response": COMMIT}):
        call(logs, EDITS, now_us() - HOUR_US, **change)
    call(logs, READS, now_us() - HOUR_US, tool="Read")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with counted_site(tmp_path, write_sessions) as site:
        yield site


def test_lines_and_commits_are_a_fact_of_the_session(browser: Browser, site: Site) -> None:
    with_changes, without = (open_dashboard(browser, site, f"/?session={session}") for session in (EDITS, READS))
    with_changes.see(".facts-row >> text=/^Code/ >> xpath=.. >> text=+1,200 −3 lines, 1 commit")
    without.see(".facts-row >> text=/^Calls/")
    assert not [text for text in without.texts(".facts-row dt") if text == "Code"]
    for page in (with_changes, without):
        assert page.problems() == []
        page.close()
