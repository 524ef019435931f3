"""`hookmeter code`: lines, commits and pull requests of the ledger."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, call, event, now_us

COMMIT = {"gitOperation": {"commit": {"sha": "abc1234", "kind": "committed"}}}


def edit(path: str, added: int, removed: int) -> dict[str, Any]:
    lines = [*["+x"] * added, *["-x"] * removed]
    return {"tool": "Edit", "tool_response": {"filePath": path, "structuredPatch": [{"oldStart": 1, "lines": lines}]}}


@pytest.fixture
def worked(home: Home) -> Home:
    """Changes in two projects, on two days."""
    for session, place, ago_hours, changes in (
        ("one", "/srv/shop", 1, [edit("a.py", 1200, 3), edit("b.rs", 5, 0), {"tool_response": COMMIT}]),
        ("two", "/srv/tools", 30, [edit("c.py", 7, 2)]),
    ):
        event(home.sessions, session, "SessionStart", now_us() - ago_hours * HOUR_US, project_dir=place)
        for change in changes:
            call(home.sessions, session, now_us() - ago_hours * HOUR_US, project_dir=place, **change)
    with open_ledger(home.path / "data", 200) as ledger:
        Meter([str(home.sessions)], ledger).catch_up()
    return home


def test_lines_are_shown_by_project_and_language(worked: Home) -> None:
    result = worked.run("code")
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["project", "language", "lines", "added", "lines", "removed"],
        ["shop", "python", "1,200", "3"],
        ["tools", "python", "7", "2"],
        ["shop", "rust", "5", "–"],
        ["total", "1,212", "5"],
        ["Created:", "1", "commit", "and", "0", "pull", "requests."],
    ]


def test_groups_and_ranges_can_be_chosen(worked: Home) -> None:
    recent = json.loads(worked.run("code", "--since", "3h", "--by", "project", "--json").stdout)
    assert recent["rows"] == [
        {"project": "shop", "lines_added": 1205, "lines_removed": 3, "commits": 1, "pull_requests": 0}
    ]
    assert recent["total"] == {"lines_added": 1205, "lines_removed": 3, "commits": 1, "pull_requests": 0}
    days = json.loads(worked.run("code", "--by", "day", "--json").stdout)["rows"]
    assert [row["lines_added"] for row in days] == [7, 1205]
    assert json.loads(worked.run("code", "--until", "3h", "--json").stdout)["total"]["lines_added"] == 7


def test_where_nothing_was_changed_it_says_so(home: Home) -> None:
    with open_ledger(home.path / "data", 200):
        pass
    assert home.run("code").stdout == "Nothing was changed.\n"


def test_without_a_ledger_it_says_how_to_get_one(home: Home) -> None:
    result = home.run("code")
    assert (result.returncode, result.stdout) == (1, "")
    assert f"there is no ledger in {home.data}; run hookmeter exporter first" in result.stderr


def test_an_unknown_group_is_refused(home: Home) -> None:
    assert "colour" in home.refused("code", "--by", "colour")
