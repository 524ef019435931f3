"""The latest failed calls of any range of time, over HTTP."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from exporter.snapshot import errors_of_range
from exporter.snapshot.latest_errors import MAX_SHOWN
from tests.chatserver.api.test_history import DAY_US, count
from tests.chatserver.world import Person, World
from tests.e2e.processes import wait_for
from tests.support.synthetic_logs import SECOND_US, call, event, now_us

SECRET = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def logs(world: World) -> Path:
    """Sessions with failed calls: a long one, which began a month ago, one of 20 days ago, and one of today."""
    (directory,) = world.settings.exporter.sessions_dirs
    now = now_us()
    for session, days in (("long", 30), ("short", 20), ("long", 10), ("today", 0)):
        at_us = now - days * DAY_US - 60 * SECOND_US
        event(directory, session, "SessionStart", at_us, project_dir="/home/you/web-shop", source="startup")
        call(directory, session, at_us, took_ms=10)
        call(directory, session, at_us + SECOND_US, error=f"Exit code {days}\ntoken {SECRET}", took_ms=10)
    return directory


def errors(person: Person, query: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/errors?{query}").json
    return found


def days(found: dict[str, Any]) -> list[int]:
    """How many days ago the calls failed, as their texts have it."""
    return [int(one["error"].split()[2]) for one in found["errors"]]


def test_each_range_has_its_errors_newest_first(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    assert [days(errors(admin, f"since={since}")) for since in ("7d", "15d", "25d", "90d")] == [
        [0],
        [0, 10],
        [0, 10, 20],
        [0, 10, 20, 30],
    ]
    assert days(errors(admin, "since=35d&until=15d")) == [20, 30]
    whole = errors(admin, "since=90d")
    assert (whole["complete"], whole["sessions_without_files"]) == (True, 0)
    first = whole["errors"][0]
    assert (first["session_uuid"], first["tool"], first["category"]) == ("today", "Bash", "command_failed")
    assert SECRET not in str(whole)


def test_errors_have_no_tags_that_are_meant_for_the_model(world: World, logs: Path, admin: Person) -> None:
    text = "File has not been read yet."
    call(logs, "tagged", now_us() - SECOND_US, error=f"<tool_use_error>{text}</tool_use_error>")
    count(world, logs)
    headers = {**admin.headers, "Accept": "application/json"}
    metrics: Any = admin.client.get("/api/metrics", headers=headers).get_json()
    assert errors(admin, "since=1h")["errors"][0]["error"] == metrics["latest_errors"][0]["error"] == text
    (tool,) = admin.get("/api/sessions/tagged").json["tools"]
    assert (tool["error"], tool["error_category"]) == (text, "validation_error")


def test_what_was_not_counted_yet_is_listed_and_what_changes_is_read_again(
    world: World, logs: Path, admin: Person
) -> None:
    count(world, logs)
    assert days(errors(admin, "since=7d")) == [0]
    call(logs, "today", now_us() - SECOND_US, error="Exit code 1", took_ms=10)
    wait_for(lambda: days(errors(admin, "since=7d")) == [1, 0], "the new error, as answers are cached for two seconds")


def test_of_many_only_the_newest_are_shown_and_no_session_before_them_is_read(
    world: World, logs: Path, admin: Person
) -> None:
    for number in range(MAX_SHOWN):
        call(logs, "today", now_us() - 50 * SECOND_US + number, error=f"Exit code {number}", took_ms=1)
    count(world, logs)
    shutil.rmtree(logs / "short")
    found = errors(admin, "since=90d")
    assert (len(found["errors"]), found["sessions_without_files"]) == (MAX_SHOWN, 0)
    assert {one["session_uuid"] for one in found["errors"]} == {"today"}


def test_sessions_without_files_are_reported(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    shutil.rmtree(logs / "short")
    found = errors(admin, "since=90d")
    assert (days(found), found["sessions_without_files"]) == ([0, 10, 30], 1)


def test_if_there_are_many_sessions_the_next_request_continues(
    world: World, logs: Path, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(world, logs)
    monkeypatch.setattr(errors_of_range, "MAX_READ", 1)
    found = [errors(admin, "since=90d") for _ in range(3)]
    assert [(days(one), one["complete"]) for one in found] == [
        ([0], False),
        ([0, 10, 30], False),
        ([0, 10, 20, 30], True),
    ]


def test_only_so_many_errors_are_kept(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    few = errors_of_range.ErrorsOfRange(world.services.hooks_reader.get_session_calls, max_kept=3)
    listed = admin.get("/api/sessions?since=90d").json["sessions"]
    for _ in range(2):
        found = few.latest(listed, 0, now_us())
        assert days({"errors": found["errors"]}) == [0, 10, 20, 30]
        assert 0 < few.sessions.size <= 3


def test_users_see_the_errors_of_their_own_sessions_alone(world: World, logs: Path, ann: Person) -> None:
    count(world, logs)
    assert errors(ann, "since=90d")["errors"] == []
