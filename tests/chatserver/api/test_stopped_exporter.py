"""Ranges in which the exporter was stopped, so that its ledger lacks what files have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from exporter.model.clock import from_us
from tests.chatserver.api.test_history import DAY_US, calls, count, figures
from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import HOUR_US, SECOND_US, call, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call


def projects_of(world: World) -> Path:
    return Path(world.settings.exporter.transcript_roots[0])


def write(world: World, session: str, at_us: int, error: str = "") -> None:
    """A call in a transcript that was written then."""
    transcript_call(projects_of(world), session, at_us, error=error)
    seconds = at_us / SECOND_US
    os.utime(transcript(projects_of(world), session), (seconds, seconds))


@pytest.fixture
def logs(world: World) -> Path:
    """A session that was counted, two of three days ago that were not, one of them in hook logs, and one of now."""
    (directory,), now = world.settings.exporter.sessions_dirs, now_us()
    write(world, "counted", now - 5 * DAY_US)
    count(world, directory)
    write(world, "missed", now - 3 * DAY_US)
    write(world, "missed", now - 3 * DAY_US + SECOND_US, error="Exit code 1")
    call(directory, "hooked", now - 3 * DAY_US)
    for log in (directory / "hooked").iterdir():
        os.utime(log, (now / SECOND_US - 3 * 86_400, now / SECOND_US - 3 * 86_400))
    write(world, "newest", now - HOUR_US)
    return directory


def sessions(person: Person, query: str) -> dict[str, dict[str, Any]]:
    listed = person.get(f"/api/sessions?{query}").json["sessions"]
    return {session["session_uuid"]: session for session in listed}


def test_figures_say_from_when_on_they_are_complete_until_all_is_counted(
    world: World, logs: Path, admin: Person
) -> None:
    found = figures(admin, "since=7d")
    since = from_us(-(-(now_us() - DAY_US) // HOUR_US) * HOUR_US).isoformat()
    assert (found["complete"], found["calls_complete_since"], calls(found)) == (False, since, {"Bash": 2})
    for query in ("since=6h", "since=10d&until=4d"):
        complete = figures(admin, query)
        assert (complete["complete"], complete["calls_complete_since"]) == (True, None)
    count(world, logs)
    counted = figures(admin, "since=7d")
    assert (counted["complete"], counted["calls_complete_since"], calls(counted)) == (True, None, {"Bash": 5})


def test_calls_that_are_not_all_counted_are_not_compared_but_costs_are(world: World, logs: Path, admin: Person) -> None:
    found = admin.get("/api/comparison?since=4d").json
    assert (found["current"]["calls"], found["current"]["failed_calls"], found["current"]["error_rate"]) == (None,) * 3
    assert found["current"]["cost_usd"] == pytest.approx(figures(admin, "since=4d")["costs"]["cost_usd"])
    assert found["complete_since"] == figures(admin, "since=4d")["calls_complete_since"]
    count(world, logs)
    assert admin.get("/api/comparison?since=4d").json["current"]["calls"] == 4


def test_sessions_that_the_ledger_lacks_are_listed_with_their_calls_costs_and_errors(logs: Path, admin: Person) -> None:
    listed = sessions(admin, "since=7d")
    assert {name: one["tool_count"] for name, one in listed.items()} == {
        "counted": 1, "missed": 2, "hooked": 1, "newest": 1
    }  # fmt: skip
    assert listed["missed"]["cost_usd"] == pytest.approx(2 * listed["newest"]["cost_usd"])
    assert (listed["missed"]["error_count"], listed["missed"]["project"]) == (1, listed["counted"]["project"])
    assert set(sessions(admin, "since=2d")) == {"newest"}
    errors = admin.get("/api/errors?since=7d").json["errors"]
    assert [error["session_uuid"] for error in errors] == ["missed"]


def test_a_session_that_continues_has_all_of_its_calls(world: World, admin: Person) -> None:
    (directory,), now = world.settings.exporter.sessions_dirs, now_us()
    write(world, "long", now - 5 * DAY_US)
    count(world, directory)
    write(world, "long", now - 3 * DAY_US)
    write(world, "long", now - HOUR_US)
    assert figures(admin, "since=7d")["complete"] is False
    assert sessions(admin, "since=7d")["long"]["tool_count"] == 3


def test_what_is_not_counted_of_the_last_day_alone_leaves_older_figures_complete(world: World, admin: Person) -> None:
    (directory,), now = world.settings.exporter.sessions_dirs, now_us()
    write(world, "resumed", now - 5 * DAY_US)
    count(world, directory)
    write(world, "resumed", now - HOUR_US)
    transcript_call(projects_of(world), "resumed", now - HOUR_US, agent_id="a1")
    found = figures(admin, "since=7d")
    assert (found["complete"], found["calls_complete_since"], calls(found)) == (True, None, {"Bash": 3})
