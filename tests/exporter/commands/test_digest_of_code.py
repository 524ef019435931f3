"""`hookmeter digest` has what the ledger knows of code: lines, commits and pull requests, against the time before."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.exporter.commands.test_code_command import COMMIT, edit
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, call, now_us


@pytest.fixture
def worked(home: Home) -> Home:
    """Edits and a commit in the last day, and an edit in the day before."""
    for ago_hours, change in ((1, edit("a.py", 1200, 3)), (2, {"tool_response": COMMIT}), (30, edit("b.py", 7, 2))):
        call(home.sessions, f"s{ago_hours}", now_us() - ago_hours * HOUR_US, **change)
    with open_ledger(home.path / "data", 200) as ledger:
        Meter([str(home.sessions)], ledger).catch_up()
    return home


def test_code_is_compared_with_the_time_before(worked: Home) -> None:
    code = json.loads(worked.run("digest", "--format", "json").stdout)["code"]
    none = {"commits": 0, "pull_requests": 0}
    assert code["now"] == {"lines_added": 1200, "lines_removed": 3, "commits": 1, "pull_requests": 0}
    assert code["before"] == {"lines_added": 7, "lines_removed": 2, **none}
    line = "+1,200 −3 lines · 1 commit (before: +7 −2 lines)"
    assert worked.run("digest").stdout.splitlines()[2] == line
    assert line in worked.run("digest", "--format", "markdown").stdout.splitlines()


def test_what_was_before_the_ledger_counted_code_is_unknown(worked: Home) -> None:
    with closing(sqlite3.connect(worked.path / "data" / "ledger.sqlite3")) as ledger:
        ledger.execute("UPDATE beginning SET code_since_us = ?", (now_us() - 26 * HOUR_US,))
        ledger.commit()
    code = json.loads(worked.run("digest", "--format", "json").stdout)["code"]
    assert (code["now"]["lines_added"], code["before"]) == (1200, None)
    assert "\n+1,200 −3 lines · 1 commit\n" in worked.run("digest").stdout


def test_without_changes_there_is_no_line_and_without_a_ledger_no_figure(home: Home) -> None:
    assert json.loads(home.run("digest", "--format", "json").stdout)["code"] is None
    with open_ledger(home.path / "data", 200):
        pass
    assert "lines" not in home.run("digest").stdout
