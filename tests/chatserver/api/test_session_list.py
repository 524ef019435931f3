"""The list of sessions over HTTP: what selects and sorts it, and its pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from exporter.counting.batch import Batch
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.chatserver.api.test_sessions import give_session
from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import HOUR_US, SECOND_US, append, call, event, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_prompt

DAY_US = 24 * HOUR_US


@pytest.fixture
def logs(world: World) -> Path:
    """A cheap session with a failed call, an expensive one, and one of last month that has no transcript."""
    (directory,), now = world.settings.exporter.sessions_dirs, now_us()
    projects = Path(world.settings.exporter.transcript_roots[0])
    transcript_prompt(projects, "tea", now - HOUR_US, "make tea")
    transcript_call(projects, "tea", now - HOUR_US + SECOND_US, error="Exit code 1")
    append(
        transcript(projects, "tea"),
        {"type": "ai-title", "aiTitle": "Ärger mit token=hunter2hunter2", "sessionId": "tea"},
    )
    transcript_prompt(projects, "login", now - 2 * HOUR_US, "Fix the login")
    for number in range(3):
        transcript_call(projects, "login", now - 2 * HOUR_US + number * SECOND_US, tool="Read")
    transcript_call(projects, "login", now - 2 * SECOND_US, tool="Grep", agent_id="a1")
    event(directory, "old", "UserPromptSubmit", now - 30 * DAY_US, prompt="Hello", project_dir="/home/dev/blog")
    call(directory, "old", now - 30 * DAY_US + SECOND_US)
    return directory


def count(world: World, logs: Path) -> None:
    exporter = world.settings.exporter
    with open_ledger(exporter.data_dir, 200) as ledger:
        Meter([str(logs)], ledger, transcript_roots=exporter.transcript_roots).catch_up()


@pytest.fixture(params=["before", "after"])
def counted(request: pytest.FixtureRequest, world: World, logs: Path) -> Path:
    """The same, before and after the exporter has counted the sessions of the last day; it has counted the old one."""
    if request.param == "after":
        count(world, logs)
    return logs


def listed(person: Person, **query: object) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/sessions?{urlencode(query)}").json
    return found


def ids(person: Person, **query: object) -> list[str]:
    return [session["session_uuid"] for session in listed(person, **query)["sessions"]]


def test_a_session_has_what_tells_it_from_others(counted: Path, admin: Person) -> None:
    first, second = listed(admin)["sessions"]
    assert (first["title"], second["title"]) == ("Fix the login", "Ärger mit token=[redacted]")
    assert (first["models"], first["agents"], first["status"]) == (["claude-opus-4-6"], ["main", "Explore"], "active")
    assert first["tokens"] == {"input": 40, "output": 200, "cache_read": 0, "cache_write": 0}
    assert first["cost_usd"] == pytest.approx(4 * second["cost_usd"])
    assert (second["tool_count"], second["error_count"], second["project"]) == (1, 1, "shop")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["login", "tea"]),
        ({"since": "10m"}, ["login"]),
        ({"until": "90m"}, ["login"]),
        ({"sort": "cost"}, ["login", "tea"]),
        ({"sort": "cost", "order": "asc"}, ["tea", "login"]),
        ({"sort": "title"}, ["login", "tea"]),
        ({"sort": "failed"}, ["tea", "login"]),
        ({"sort": "duration"}, ["login", "tea"]),
        ({"failed": "true"}, ["tea"]),
        ({"failed": "false"}, ["login"]),
        ({"status": "active"}, ["login"]),
        ({"model": "claude-opus-*"}, ["login", "tea"]),
        ({"model": "opus"}, []),
        ({"agent": "explore"}, ["login"]),
        ({"project": "SHOP"}, ["login", "tea"]),
        ({"project": "s_op"}, []),
        ({"min_cost_usd": 0.004}, ["login"]),
        ({"text": "LOG"}, ["login"]),
        ({"text": "ärger"}, ["tea"]),
        ({"text": "hunter2"}, []),
        ({"text": "%"}, []),
    ],
    ids=str,
)
def test_sessions_are_selected_and_sorted(
    counted: Path, admin: Person, query: dict[str, object], found: list[str]
) -> None:
    assert ids(admin, **query) == found


def test_older_sessions_come_from_the_ledger(world: World, logs: Path, admin: Person) -> None:
    assert ids(admin, since="60d") == ["login", "tea"]
    count(world, logs)
    assert ids(admin, since="60d") == ["login", "tea", "old"]
    assert ids(admin, since="60d", until="10d") == ["old"]
    assert ids(admin, since="60d", sort="cost", order="asc") == ["old", "tea", "login"]


def test_what_the_exporter_has_not_counted_yet_is_added_once(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    before = listed(admin)["sessions"][0]
    transcript_call(Path(world.settings.exporter.transcript_roots[0]), "login", now_us(), tool="Read")
    world.services.aggregator._unread_until = 0  # which is kept for two seconds
    world.services.aggregator._spending._walked_us = 0  # type: ignore[union-attr] # which are followed every five seconds
    after = listed(admin)["sessions"][0]
    assert after["tool_count"] == before["tool_count"] + 1
    assert after["tokens"]["output"] == before["tokens"]["output"] + 50
    count(world, logs)
    assert listed(admin)["sessions"][0] == after


def test_what_the_exporter_commits_meanwhile_takes_no_cost_and_no_title_from_a_session(
    world: World, logs: Path, admin: Person
) -> None:
    exporter = world.settings.exporter
    with open_ledger(exporter.data_dir, 200) as ledger:
        Meter([str(logs)], ledger, transcript_roots=exporter.transcript_roots).catch_up()
        transcript_call(Path(exporter.transcript_roots[0]), "unread", now_us())
        before = admin.get("/api/sessions").json
        ledger.commit(Batch(), now_us())
        after = admin.get("/api/sessions").json
    assert after == before
    assert next(one for one in after["sessions"] if one["session_uuid"] == "unread")["cost_usd"] > 0


def test_the_sums_of_all_pages_come_with_the_first(counted: Path, admin: Person) -> None:
    page = listed(admin, limit=1)
    sessions = listed(admin)["sessions"]
    assert page["total"] == {
        "sessions": 2,
        "calls": 5,
        "failed": 1,
        "tokens": sum(sum(one["tokens"].values()) for one in sessions),
        "cost_usd": pytest.approx(sum(one["cost_usd"] for one in sessions)),
        "unknown_costs": 0,
        "unpriced_tokens": 0,
    }
    assert listed(admin, limit=1, cursor=page["next_cursor"])["total"] is None


@pytest.mark.parametrize("sort", ["last_activity", "title", "cost", "status", "model"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_follow_each_other_without_gaps(world: World, logs: Path, admin: Person, sort: str, order: str) -> None:
    for number in range(7):
        call(logs, f"more-{number}", now_us() - number * SECOND_US)
    count(world, logs)
    whole, cursor, pages = ids(admin, since="60d", sort=sort, order=order), "", []
    while cursor is not None:
        page = listed(admin, since="60d", sort=sort, order=order, limit=3, cursor=cursor)
        pages += [session["session_uuid"] for session in page["sessions"]]
        cursor = page["next_cursor"]
    assert pages == whole
    assert len(whole) == 10


def test_names_are_those_of_the_range(world: World, logs: Path, admin: Person) -> None:
    count(world, logs)
    recent = {"projects": ["shop"], "models": ["claude-opus-4-6"], "agents": ["Explore", "main"]}
    assert admin.get("/api/session_names").json == recent
    assert admin.get("/api/session_names?since=60d").json == {**recent, "projects": ["blog", "shop"]}


def test_a_user_lists_and_sums_their_own_sessions_alone(world: World, logs: Path, ann: Person) -> None:
    count(world, logs)
    nothing = {
        "sessions": 0, "calls": 0, "failed": 0, "tokens": 0, "cost_usd": None, "unknown_costs": 0, "unpriced_tokens": 0,
    }  # fmt: skip
    assert listed(ann, since="60d") == {"sessions": [], "next_cursor": None, "total": nothing}
    assert ann.get("/api/session_names").json == {"projects": [], "models": [], "agents": []}
    give_session(world, ann.post("/api/tasks", {"description": "x"}).json["task_id"], "tea")
    assert ids(ann, since="60d") == ["tea"]
    assert listed(ann, since="60d")["total"]["calls"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {"since": "soon"}, {"until": "9999-12-31T23:00-05:00"}, {"sort": "colour"}, {"min_cost_usd": -1}, {"days": 30},
        {"text": "\0"},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_parameter_is_refused(logs: Path, admin: Person, query: dict[str, object]) -> None:
    answer = admin.get(f"/api/sessions?{urlencode(query)}")
    assert answer.status == 400
    assert answer.json["detail"]


@pytest.mark.parametrize("cursor", ["x", "bm9wZQ==", "é"])
def test_a_cursor_that_no_page_has_is_not_found(logs: Path, admin: Person, cursor: str) -> None:
    answer = admin.get(f"/api/sessions?{urlencode({'cursor': cursor})}")
    assert (answer.status, "start again without one" in answer.json["detail"]) == (404, True)


@pytest.mark.parametrize("until", ["1h", "2h", "9999-12-31"])
def test_a_range_may_be_empty_or_in_any_order(logs: Path, admin: Person, until: str) -> None:
    assert listed(admin, since="1h", until=until)["next_cursor"] is None
