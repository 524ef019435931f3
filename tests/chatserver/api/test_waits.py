"""How long people kept sessions waiting in any range of time, over HTTP."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exporter.snapshot.waits_of_range import SessionReader, WaitsOfRange
from tests.chatserver.api.test_history import DAY_US, count
from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import SECOND_US, event, now_us


def asked(logs: Path, session: str, at_us: int, seconds: float, *, tool: str = "Bash", ends: str = "allowed") -> None:
    """Write a call that waits for a person for some seconds, and then runs for one, unless it is denied."""
    use: dict[str, Any] = {
        "tool_name": tool,
        "tool_use_id": f"toolu_{session}_{at_us}",
        "tool_input": {"command": f"make {at_us}"},
    }
    event(logs, session, "PreToolUse", at_us, project_dir="/home/you/web-shop", **use)
    event(logs, session, "PermissionRequest", at_us, tool_name=tool, tool_input=use["tool_input"])
    waited_us = at_us + round(seconds * SECOND_US)
    if ends == "allowed":
        event(logs, session, "PostToolUse", waited_us + SECOND_US, duration_ms=1_000, tool_response="ok", **use)
    elif ends == "denied":
        event(logs, session, "PermissionDenied", waited_us, reason="not now", **use)


@pytest.fixture
def logs(world: World) -> Path:
    """Waits of today (10, 20 and 60 s for permission, 31 s for an answer, one that goes on), and one of last month."""
    (directory,) = world.settings.exporter.sessions_dirs
    now = now_us() - 3_600 * SECOND_US
    asked(directory, "today", now, 20)
    asked(directory, "today", now + 100 * SECOND_US, 10, ends="denied")
    asked(directory, "other", now, 60)
    asked(directory, "other", now + 200 * SECOND_US, 30, tool="AskUserQuestion")
    asked(directory, "other", now + 300 * SECOND_US, 5, ends="never")
    asked(directory, "older", now - 20 * DAY_US, 600)
    return directory


def waits(person: Person, query: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/waits?{query}").json
    return found


def seconds(found: dict[str, Any]) -> dict[str, tuple[float, ...]]:
    """The number of waits, and their median, p90, longest and total in seconds, by reason."""
    return {
        one["reason"]: (
            one["waits"],
            *(one[name] / 1000 for name in ("median_ms", "p90_ms", "longest_ms", "total_ms")),
        )
        for one in found["reasons"]
    }


@pytest.mark.parametrize("is_counted", [False, True])
def test_each_range_has_the_waits_that_ended_in_it(world: World, logs: Path, admin: Person, is_counted: bool) -> None:
    if is_counted:
        count(world, logs)
    day = waits(admin, "since=24h")
    assert seconds(day) == {"permission": (3, 20, 60, 60, 90), "question": (1, 31, 31, 31, 31)}
    assert (day["complete"], day["sessions_without_files"]) == (True, 0)
    if is_counted:
        assert seconds(waits(admin, "since=90d"))["permission"] == (4, 20, 600, 600, 690)
        assert seconds(waits(admin, "since=40d&until=2d")) == {"permission": (1, 600, 600, 600, 600)}


def test_they_are_those_of_the_pages_of_the_sessions(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    total = 0.0
    for session in ("today", "other", "older"):
        page = admin.get(f"/api/sessions/{session}/events").json["events"]
        ended = [one for one in page if one["kind"] == "permission" and one["until"] and one["tool"] == "Bash"]
        total += sum(_milliseconds(one["at"], one["until"]) for one in ended)
    (permission,) = [one for one in waits(admin, "since=90d")["reasons"] if one["reason"] == "permission"]
    assert permission["total_ms"] == pytest.approx(total)


def test_sessions_without_files_and_unread_ones_are_reported(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    shutil.rmtree(logs / "older")
    assert waits(admin, "since=90d")["sessions_without_files"] == 1
    reader, listed = world.services.hooks_reader, admin.get("/api/sessions?since=24h").json["sessions"]
    unread = WaitsOfRange(SessionReader(reader.get_session_calls, reader.get_session_events))
    assert unread.figures(listed, 0, now_us(), seconds=0) == {
        "reasons": [], "complete": False, "sessions_without_files": 0,
    }  # fmt: skip


def test_users_see_the_waits_of_their_own_sessions_alone(world: World, logs: Path, ann: Person) -> None:
    count(world, logs)
    assert waits(ann, "since=90d")["reasons"] == []


def _milliseconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000
