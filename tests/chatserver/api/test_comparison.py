"""A range of time next to the one before it, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.clock import from_us
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending
from exporter.sources.call_hours import HOUR_US
from tests.chatserver.api.test_history import DAY_US, count
from tests.chatserver.world import Person, World
from tests.exporter.ledger.older_ledger import turn_into, version_without
from tests.support.synthetic_logs import SECOND_US, now_us
from tests.support.synthetic_transcripts import transcript_call

NOTHING = {
    "cost_usd": None,
    "unpriced_tokens": None,
    "tokens": None,
    "calls": None,
    "failed_calls": None,
    "error_rate": None,
}


@pytest.fixture
def logs(world: World) -> Path:
    """A call of three weeks ago, four of last week, one of which failed, and three of this one; each cost the same."""
    projects, now = Path(world.settings.exporter.transcript_roots[0]), now_us()
    transcript_call(projects, "first", now - 21 * DAY_US)
    transcript_call(projects, "before", now - 10 * DAY_US, error="Exit code 1")
    for number in range(3):
        transcript_call(projects, "before", now - 9 * DAY_US + number * SECOND_US)
        transcript_call(projects, "current", now - 2 * HOUR_US + number * SECOND_US)
    (directory,) = world.settings.exporter.sessions_dirs
    return directory


def compared(person: Person, query: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/comparison?{query}").json
    return found


def test_a_week_is_compared_with_the_week_before(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    found = compared(admin, "since=7d")
    current, previous = found["current"], found["previous"]
    assert (current["calls"], current["failed_calls"], current["error_rate"]) == (3, 0, 0)
    assert (previous["calls"], previous["failed_calls"], previous["error_rate"]) == (4, 1, 0.25)
    assert previous["cost_usd"] == pytest.approx(current["cost_usd"] * 4 / 3)
    assert previous["tokens"] * 3 == current["tokens"] * 4
    assert current["tokens"] > 0


def test_every_error_rate_is_the_share_of_all_calls_as_on_boards_also_if_one_was_denied(
    world: World, logs: Path, admin: Person
) -> None:
    for number, error in enumerate(("Exit code 1", "The user doesn't want to proceed with this tool use.")):
        transcript_call(
            Path(world.settings.exporter.transcript_roots[0]), "current", now_us() - 2 * HOUR_US + number, error=error
        )
    count(world, logs)
    current = compared(admin, "since=24h")["current"]
    assert (current["calls"], current["failed_calls"], current["error_rate"]) == (5, 1, 1 / 5)
    assert admin.get("/api/history?since=24h").json["tools"]["error_rate"] == 1 / 5
    headers = {**admin.headers, "Accept": "application/json"}
    live: Any = admin.client.get("/api/metrics", headers=headers).json
    assert live["tools"]["24h"]["error_rate"] == 1 / 5


def test_the_range_starts_with_an_hour_and_the_one_before_it_is_as_long(
    world: World, logs: Path, admin: Person
) -> None:
    count(world, logs)
    found = compared(admin, "since=24h")
    middle_us = from_us(now_us() - DAY_US + HOUR_US // 2).replace(minute=0, second=0, microsecond=0)
    assert found["starts_at"] == middle_us.isoformat()
    assert found["previous_starts_at"] == from_us(int(middle_us.timestamp()) * 1_000_000 - DAY_US).isoformat()


def test_what_was_not_counted_yet_is_compared_as_well(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    transcript_call(Path(world.settings.exporter.transcript_roots[0]), "unread", now_us() - HOUR_US)
    found = compared(admin, "since=7d")
    assert found["current"]["calls"] == 4
    assert found["previous"]["tokens"] == found["current"]["tokens"]


def test_nothing_is_compared_with_a_time_from_which_sessions_may_be_deleted(
    world: World, logs: Path, admin: Person
) -> None:
    count(world, logs)
    found = compared(admin, "since=14d")
    assert (found["current"]["calls"], found["previous"]) == (7, NOTHING)
    assert found["complete_since"] == from_us(_last_us(admin, "first")).isoformat()


def test_calls_of_an_older_version_are_not_compared_but_their_costs_are(
    world: World, logs: Path, admin: Person
) -> None:
    count(world, logs)
    turn_into(world.settings.exporter.data_dir, version_without("call_kinds"))
    count(world, logs)
    previous = compared(admin, "since=7d")["previous"]
    assert previous == {**NOTHING, "cost_usd": previous["cost_usd"], "unpriced_tokens": 0, "tokens": previous["tokens"]}
    assert previous["cost_usd"] > 0


def test_while_the_ledger_is_incomplete_nothing_is_compared(world: World, logs: Path, admin: Person) -> None:
    exporter = world.settings.exporter
    with open_ledger(exporter.data_dir, 200) as ledger:
        steps = Meter([str(logs)], ledger, transcript_roots=exporter.transcript_roots).refresh()
        while not ledger.state.files:
            next(steps)
    assert compared(admin, "since=7d")["previous"] == NOTHING
    count(world, logs)
    assert compared(admin, "since=7d")["previous"]["calls"] == 4


def test_a_comparison_waits_for_a_reading_in_steps(logs: Path, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in (LiveSessions, LiveSpending):
        monkeypatch.setattr(reader.refresh, "__defaults__", (0,))
    found = compared(admin, "since=7d")["current"]
    assert found["calls"] == 3
    assert found["cost_usd"] == pytest.approx(admin.get("/api/sessions/current").json["summary"]["cost_usd"])


def test_without_a_ledger_there_is_nothing_before(logs: Path, admin: Person) -> None:
    found = compared(admin, "since=7d")
    assert (found["current"]["calls"], found["previous"], found["complete_since"]) == (3, NOTHING, None)


@pytest.mark.parametrize("query", ["since=0001-01-01", "since=9999-12-31", "since=1m", "since=2h&until=2h"])
def test_any_range_can_be_compared(admin: Person, query: str) -> None:
    assert admin.get(f"/api/comparison?{query}").status == 200


def _last_us(person: Person, session: str) -> int:
    listed = person.get("/api/sessions?since=90d").json["sessions"]
    found = next(one["last_activity_at"] for one in listed if one["session_uuid"] == session)
    return int(from_us(0).fromisoformat(found).timestamp() * 1_000_000)
