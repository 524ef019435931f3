"""The sessions of the hook logs over HTTP."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import update

from chatserver.storage.schema import tasks
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.snapshot.live_spending import LiveSpending
from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import HOUR_US, SECOND_US, append, call, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_prompt

DAY_US = 24 * HOUR_US


@pytest.fixture
def logs(world: World) -> Path:
    """Two sessions, the calls of one of which hold a secret."""
    (directory,) = world.settings.exporter.sessions_dirs
    directory.mkdir()
    now = now_us()
    for number in range(5):
        secret = {"command": "deploy --password hunter2", "number": number}
        call(directory, "first", now - (100 - number) * SECOND_US, tool_input=secret)
    call(directory, "second", now - 10 * SECOND_US)
    return directory


def test_an_admin_sees_every_session_newest_first(logs: Path, admin: Person) -> None:
    answer = admin.get("/api/sessions")
    assert [session["session_uuid"] for session in answer.json["sessions"]] == ["second", "first"]
    assert answer.json["next_cursor"] is None


def test_sessions_and_calls_come_by_the_page(logs: Path, admin: Person) -> None:
    page = admin.get("/api/sessions?limit=1").json
    cursor = page["next_cursor"]
    assert admin.get(f"/api/sessions?limit=1&cursor={cursor}").json["sessions"][0]["session_uuid"] == "first"
    calls = admin.get("/api/sessions/first?limit=2&cursor=2").json
    assert [one["parameters"]["number"] for one in calls["tools"]] == [2, 3]
    assert calls["next_cursor"] == 4
    assert admin.get("/api/sessions/first?limit=2&cursor=4").json["next_cursor"] is None
    assert admin.get("/api/sessions/first?cursor=99").json["tools"] == []


def test_a_session_has_its_witnesses_and_a_cost_unless_that_is_unknown(world: World, logs: Path, admin: Person) -> None:
    projects = Path(world.settings.exporter.transcript_roots[0])
    transcript_call(projects, "first", now_us(), tool="Read", tool_input={"path": "/x", "password": "hunter2"})
    listed = {one["session_uuid"]: one for one in admin.get("/api/sessions").json["sessions"]}
    assert {name: one["witnesses"] for name, one in listed.items()} == {
        "first": ["hooks", "transcript"],
        "second": ["hooks"],
    }
    assert listed["first"]["cost_usd"] > 0
    assert listed["second"]["cost_usd"] is None
    for name, session in listed.items():
        answer = admin.get(f"/api/sessions/{name}")
        assert session.items() >= answer.json["summary"].items()
        assert "hunter2" not in answer.text
    sources = [tool["source"] for tool in admin.get("/api/sessions/first").json["tools"]]
    assert sources == [*["hook"] * 5, "transcript"]


@pytest.mark.parametrize("is_counted", [False, True])
def test_a_session_without_a_request_cost_nothing_if_a_transcript_says_so(
    world: World, logs: Path, admin: Person, *, is_counted: bool
) -> None:
    exporter = world.settings.exporter
    transcript_prompt(Path(exporter.transcript_roots[0]), "first", now_us(), "/help")
    if is_counted:
        with open_ledger(exporter.data_dir, 200) as ledger:
            Meter([str(logs)], ledger, transcript_roots=exporter.transcript_roots).catch_up()
    page = admin.get("/api/sessions?sort=cost&order=desc").json
    assert [(one["session_uuid"], one["cost_usd"]) for one in page["sessions"]] == [("first", 0.0), ("second", None)]
    assert (page["total"]["cost_usd"], page["total"]["unknown_costs"]) == (0.0, 1)
    assert [one["session_uuid"] for one in admin.get("/api/sessions?min_cost_usd=0").json["sessions"]] == ["first"]
    headers = {**admin.headers, "Accept": "application/json"}
    newest = admin.client.get("/api/metrics", headers=headers).json["recent_sessions"]["newest"]  # type: ignore[index] # JSON
    assert {one["session_uuid"]: one["cost_usd"] for one in newest} == {"first": 0.0, "second": None}
    for name, cost in {"first": 0.0, "second": None}.items():
        assert admin.get(f"/api/sessions/{name}").json["summary"]["cost_usd"] == cost
        assert admin.get(f"/api/sessions/{name}/export").json["summary"]["cost_usd"] == cost


def test_a_session_costs_what_its_transcript_says_now(world: World, admin: Person) -> None:
    projects = Path(world.settings.exporter.transcript_roots[0])
    costs = []
    for number in (1, 2):
        transcript_call(projects, "first", now_us())
        requests = admin.get("/api/sessions/first/requests").json["requests"]
        cost = admin.get("/api/sessions/first").json["summary"]["cost_usd"]
        assert len(requests) == number
        assert cost == pytest.approx(sum(request["cost_usd"] for request in requests))
        assert cost == admin.get("/api/sessions/first/export").json["summary"]["cost_usd"]
        costs.append(cost)
    assert costs[1] == pytest.approx(2 * costs[0])


@pytest.mark.parametrize("is_counted", [False, True])
def test_a_session_of_two_months_ago_has_its_cost_also_if_it_is_continued_and_without_a_ledger(
    world: World, logs: Path, admin: Person, *, is_counted: bool
) -> None:
    exporter, old_us = world.settings.exporter, now_us() - 60 * DAY_US
    projects = Path(exporter.transcript_roots[0])
    for session, agent_id in (("old", ""), ("continued", "explore")):
        transcript_call(projects, session, old_us, agent_id=agent_id)
        os.utime(transcript(projects, session, agent_id), ns=(old_us * 1000,) * 2)
    transcript_call(projects, "continued", now_us())
    if is_counted:
        with open_ledger(exporter.data_dir, 200) as ledger:
            Meter([str(logs)], ledger, transcript_roots=exporter.transcript_roots).catch_up()
    (listed,) = (one for one in admin.get("/api/sessions").json["sessions"] if one["session_uuid"] == "continued")
    for session, number in (("old", 1), ("continued", 2)):
        requests = admin.get(f"/api/sessions/{session}/requests").json["requests"]
        assert len(requests) == number
        cost = admin.get(f"/api/sessions/{session}").json["summary"]["cost_usd"]
        assert cost == pytest.approx(sum(request["cost_usd"] for request in requests))
        assert cost == admin.get(f"/api/sessions/{session}/export").json["summary"]["cost_usd"] > 0
    assert listed["cost_usd"] == cost


@pytest.mark.parametrize("is_counted", [False, True])
def test_a_list_waits_for_a_reading_in_steps(
    world: World, logs: Path, admin: Person, monkeypatch: pytest.MonkeyPatch, *, is_counted: bool
) -> None:
    monkeypatch.setattr(LiveSpending.refresh, "__defaults__", (0,))
    exporter = world.settings.exporter
    names = [f"session-{number}" for number in range(9)]
    if is_counted:
        with open_ledger(exporter.data_dir, 200) as ledger:
            Meter([str(logs)], ledger, transcript_roots=exporter.transcript_roots).catch_up()
    for name in names:
        transcript_call(Path(exporter.transcript_roots[0]), name, now_us())
    answer = admin.get("/api/sessions").json
    assert {one["session_uuid"] for one in answer["sessions"] if one["cost_usd"]} == set(names)
    assert answer["total"]["unknown_costs"] == 2


def test_sessions_whose_files_are_deleted_come_from_the_ledger(world: World, logs: Path, admin: Person) -> None:
    exporter = world.settings.exporter
    projects = Path(exporter.transcript_roots[0])
    transcript_call(projects, "old", now_us() - 40 * DAY_US)
    title = append(transcript(projects, "old"), {"type": "ai-title", "aiTitle": "Tea", "sessionId": "old"})
    assert admin.get("/api/sessions/old").json["record"] is None  # not counted yet
    with open_ledger(exporter.data_dir, 200) as ledger:
        Meter([str(logs)], ledger, transcript_roots=[str(projects)]).catch_up()
    listed = [admin.get(f"/api/sessions?since={days}d").json["sessions"] for days in (30, 60)]
    assert [[one["session_uuid"] for one in page] for page in listed] == [
        ["second", "first"],
        ["second", "first", "old"],
    ]
    before = admin.get("/api/sessions/old").json
    assert (before["record"]["title"], before["record"]["files"], len(before["tools"])) == ("Tea", True, 1)
    title.unlink()
    after = admin.get("/api/sessions/old").json
    assert after == {**before, "tools": [], "record": {**before["record"], "files": False}}
    assert after["record"]["calls"] == [{"tool": "Bash", "agent": "main", "outcome": "success", "calls": 1}]
    assert listed[1][-1].items() >= after["summary"].items()


def test_parameters_are_redacted(logs: Path, admin: Person) -> None:
    answer = admin.get("/api/sessions/first")
    assert "deploy" in answer.text
    assert "hunter2" not in answer.text


def test_a_user_sees_the_sessions_of_their_tasks_alone(world: World, logs: Path, ann: Person) -> None:
    task_id = ann.post("/api/tasks", {"description": "x"}).json["task_id"]
    assert ann.get(f"/api/tool_usage/{task_id}").json["tool_usage"] == []
    assert ann.get("/api/sessions").json["sessions"] == []
    assert ann.get("/api/sessions/first").status == 404
    give_session(world, task_id, "first")
    assert [one["session_uuid"] for one in ann.get("/api/sessions").json["sessions"]] == ["first"]
    assert len(ann.get("/api/sessions/first").json["tools"]) == 5
    assert ann.get("/api/sessions/second").status == 404
    usage = ann.get(f"/api/tool_usage/{task_id}?limit=3").json
    assert usage["session_uuid"] == "first"
    assert len(usage["tool_usage"]) == 3
    assert usage["next_cursor"] == 3


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e", "..%2f..%2fetc", "%00", "x" * 5000, "%0a"])
def test_a_session_that_no_log_names_is_not_found(both: World, name: str) -> None:
    for person in (both.person("root", "admin"), both.person("ann")):
        assert person.get(f"/api/sessions/{name}").status == 404


def give_session(world: World, task_id: str, session_uuid: str) -> None:
    change = update(tasks).where(tasks.c.task_id == task_id).values(session_uuid=session_uuid)
    world.services.database.run(lambda connection: connection.execute(change))
