"""What calls of a session changed in code: from its files or the ledger, and unknown where an older version counted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.exporter.commands.test_code_command import COMMIT, edit
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, call, now_us

CHANGED = {"lines_added": 1205, "lines_removed": 3, "commits": 1, "pull_requests": 0}
NOTHING = dict.fromkeys(CHANGED, 0)


@pytest.fixture
def worked(home: Home) -> Home:
    for change in (edit("a.py", 1200, 3), edit("b.rs", 5, 0), {"tool_response": COMMIT}):
        call(home.sessions, "edits", now_us() - HOUR_US, **change)
    call(home.sessions, "reads", now_us() - 2 * HOUR_US, tool="Read")
    return home


def count(home: Home) -> None:
    with open_ledger(home.path / "data", 200) as ledger:
        Meter([str(home.sessions)], ledger).catch_up()


def code_of(home: Home) -> dict[str, Any]:
    result = home.run("sessions", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    return {one["session_uuid"]: one["code"] for one in json.loads(result.stdout)}


def test_it_is_the_same_before_and_after_a_ledger_counts_it_and_without_files(worked: Home) -> None:
    assert code_of(worked) == {"edits": CHANGED, "reads": NOTHING}
    count(worked)
    assert code_of(worked) == {"edits": CHANGED, "reads": NOTHING}
    call(worked.sessions, "edits", now_us(), **edit("c.py", 1, 0))
    assert code_of(worked)["edits"] == CHANGED | {"lines_added": 1206}
    count(worked)
    shutil.rmtree(worked.sessions)
    assert code_of(worked) == {"edits": CHANGED | {"lines_added": 1206}, "reads": NOTHING}


def test_a_session_says_it_in_a_line_if_anything_was_changed(worked: Home) -> None:
    count(worked)
    assert "code: +1,205 −3 lines · 1 commit" in worked.run("sessions", "edits").stdout.splitlines()
    assert "code:" not in worked.run("sessions", "reads").stdout


def test_it_is_unknown_for_sessions_that_began_before_the_ledger_kept_it(worked: Home) -> None:
    count(worked)
    with closing(sqlite3.connect(worked.path / "data" / "ledger.sqlite3")) as ledger:
        ledger.execute("UPDATE beginning SET session_code_since_us = ?", (now_us() - HOUR_US * 3 // 2,))
        ledger.execute("DELETE FROM session_code")
        ledger.commit()
    shutil.rmtree(worked.sessions)
    assert code_of(worked) == {"edits": NOTHING, "reads": None}
