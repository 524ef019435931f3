"""The figures of any range of time over HTTP: from the ledger, and of the last hours from what the server has read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.chatserver.world import Person, World
from tests.exporter.ledger.older_ledger import turn_into, version_without
from tests.support.synthetic_logs import HOUR_US, SECOND_US, now_us
from tests.support.synthetic_transcripts import transcript_call

DAY_US = 24 * HOUR_US


@pytest.fixture
def logs(world: World) -> Path:
    """A call of two months ago, one of last week, and two of today, one of which has failed; each cost the same."""
    projects, now = Path(world.settings.exporter.transcript_roots[0]), now_us()
    transcript_call(projects, "oldest", now - 60 * DAY_US, tool="Glob")
    transcript_call(projects, "older", now - 5 * DAY_US, tool="Read", took_ms=1_000)
    transcript_call(projects, "newest", now - HOUR_US, tool="Read", took_ms=1_000)
    transcript_call(projects, "newest", now - HOUR_US + SECOND_US, error="Exit code 1")
    (directory,) = world.settings.exporter.sessions_dirs
    return directory


def count(world: World, logs: Path) -> None:
    exporter = world.settings.exporter
    with open_ledger(exporter.data_dir, 200) as ledger:
        Meter([str(logs)], ledger, transcript_roots=exporter.transcript_roots).catch_up()


def figures(person: Person, query: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/history?{query}").json
    return found


def calls(found: dict[str, Any]) -> dict[str, int]:
    return {tool: one["calls"] for tool, one in found["tools"]["performance"].items()}


def test_each_range_has_its_calls_errors_and_costs(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    day, week, quarter = (figures(admin, f"since={since}") for since in ("24h", "7d", "90d"))
    assert [calls(day), calls(week), calls(quarter)] == [
        {"Bash": 1, "Read": 1},
        {"Read": 2, "Bash": 1},
        {"Read": 2, "Bash": 1, "Glob": 1},
    ]
    one_call = day["costs"]["cost_usd"] / 2
    assert [one["costs"]["cost_usd"] for one in (week, quarter)] == [
        pytest.approx(3 * one_call),
        pytest.approx(4 * one_call),
    ]
    for found in (day, week, quarter):
        tools, costs = found["tools"], found["costs"]
        assert tools["categories"] == [{"category": "command_failed", "count": 1}]
        assert sum(tools["calls"]) == sum(calls(found).values())
        assert sum(tools["errors"]) == 1
        assert (tools["starts_at"], len(tools["calls"])) == (costs["starts_at"], len(costs["by_model"][0]["slots"]))
        assert sum(costs["by_project"][0]["slots"]) == pytest.approx(costs["cost_usd"])
        assert found["calls_complete_since"] is None
    assert [one["tools"]["slot_seconds"] for one in (day, week, quarter)] == [3600, 21_600, 86_400]
    assert week["tools"]["performance"]["Read"]["p50_ms"] == pytest.approx(1_000, rel=0.06)


def test_a_range_may_end_in_the_past(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    assert calls(figures(admin, "since=90d&until=30d")) == {"Glob": 1}
    assert calls(figures(admin, "since=10d&until=2d")) == {"Read": 1}
    assert calls(figures(admin, "since=4d&until=2d")) == {}


def test_the_last_day_does_not_wait_for_the_exporter(world: World, logs: Path, admin: Person) -> None:
    assert calls(figures(admin, "since=90d")) == {"Bash": 1, "Read": 1}
    count(world, logs)
    assert calls(figures(admin, "since=90d")) == {"Read": 2, "Bash": 1, "Glob": 1}


def test_an_older_ledger_says_from_when_on_its_calls_are_complete(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    turn_into(world.settings.exporter.data_dir, version_without("call_kinds"))
    count(world, logs)
    listed = admin.get("/api/sessions").json["sessions"]
    assert figures(admin, "since=90d")["calls_complete_since"] == listed[0]["last_activity_at"]
    assert figures(admin, "since=90d")["costs"]["cost_usd"] > 0
    assert figures(admin, "since=30m")["calls_complete_since"] is None


@pytest.mark.parametrize("query", ["since=soon", "since=2026-02-30", "days=3"])
def test_a_wrong_range_is_refused(admin: Person, query: str) -> None:
    answer = admin.get(f"/api/history?{query}")
    assert answer.status == 400
    assert answer.json["detail"]


def test_older_figures_are_incomplete_until_the_exporter_has_read_all(world: World, logs: Path, admin: Person) -> None:
    assert [figures(admin, f"since={since}")["complete"] for since in ("6h", "7d")] == [True, False]
    count(world, logs)
    assert [figures(admin, f"since={since}")["complete"] for since in ("6h", "7d")] == [True, True]


def test_a_range_that_ends_before_it_starts_has_nothing_in_it(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    found = figures(admin, "since=60m&until=4d")
    assert (calls(found), found["costs"]["cost_usd"], found["tools"]["categories"]) == ({}, 0, [])
    compared = admin.get("/api/comparison?since=60m&until=4d").json
    assert (compared["current"]["calls"], compared["current"]["cost_usd"]) == (0, 0)
    assert admin.get("/api/sessions?since=60m&until=4d").json["sessions"] == []
