"""Tasks over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chatserver.world import Answer, Person, World
from tests.e2e.processes import wait_for
from tests.fakes import claude

UNKNOWN = "0123456789abcdef"


def test_a_task_is_made_run_and_shown(both: World) -> None:
    ann = both.person("ann")
    both.services.start()
    made = ann.post("/api/tasks", {"description": "hello", "agent_type": "tester", "max_budget_usd": 1.5})
    assert made.status == 201
    task = ended(ann, made.json["task_id"])
    assert task["status"] == "completed"
    assert task["result"] == "You said: hello"
    assert task["cost_usd"] == claude.COST_USD
    assert task["max_budget_usd"] == 1.5
    assert task["agent_type"] == "tester"
    assert task["user_id"] == ann.user_id
    assert task["created_at"].endswith("Z")
    assert not [name for name in task if name.endswith("_us") or "picodollars" in name]


def test_a_running_task_is_stopped_restarted_and_deleted(both: World) -> None:
    ann = both.person("ann")
    both.services.start()
    task_id = make(ann, "wait")
    wait_for(lambda: show(ann, task_id)["status"] == "running", "the task to run")
    for answer, wanted in (
        (ann.delete(f"/api/tasks/{task_id}"), "deleted"),
        (ann.post(f"/api/tasks/restart/{task_id}"), "restarted"),
    ):
        refusal = f"Task {task_id} is running; it cannot be {wanted} before it is stopped."
        assert (answer.status, answer.json["detail"]) == (409, refusal)
    assert ann.post(f"/api/tasks/stop/{task_id}").json["status"] == "stopped"
    assert ann.post(f"/api/tasks/stop/{task_id}").status == 409
    restarted = wait_for(lambda: accepted(ann.post(f"/api/tasks/restart/{task_id}")), "its process to end")
    assert restarted.json["status"] == "pending"
    assert ann.post(f"/api/tasks/stop/{task_id}").status == 200
    wait_for(lambda: accepted(ann.delete(f"/api/tasks/{task_id}")), "its process to end")
    assert ann.get(f"/api/tasks/{task_id}").status == 404


def test_pages_follow_each_other_newest_first(both: World) -> None:
    ann = both.person("ann")
    made = [make(ann, f"number {number}") for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = ann.get(f"/api/tasks?limit=2{cursor and '&cursor=' + cursor}").json
        seen += [task["task_id"] for task in page["tasks"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1]


def test_filters_choose(both: World) -> None:
    ann = both.person("ann")
    ann.post("/api/tasks", {"description": "one", "agent_type": "tester", "workflow": "nightly"})
    second = make(ann, "two")
    ann.post(f"/api/tasks/stop/{second}")
    assert descriptions(ann, "status=stopped") == ["two"]
    assert descriptions(ann, "status=stopped&status=pending") == ["two", "one"]
    assert descriptions(ann, "agent=tester") == ["one"]
    assert descriptions(ann, "workflow=nightly") == ["one"]
    assert descriptions(ann, "since=1h") == ["two", "one"]
    assert descriptions(ann, "since=2999-01-01") == []


def test_a_user_sees_and_touches_their_own_tasks_an_admin_all(world: World, ann: Person, admin: Person) -> None:
    bob = world.person("bob")
    task_id = make(ann, "mine")
    assert bob.get("/api/tasks").json["tasks"] == []
    for answer in (
        bob.get(f"/api/tasks/{task_id}"),
        bob.get(f"/api/tool_usage/{task_id}"),
        bob.post(f"/api/tasks/stop/{task_id}"),
        bob.post(f"/api/tasks/restart/{task_id}"),
        bob.delete(f"/api/tasks/{task_id}"),
    ):
        assert answer.status == 404
    assert [task["task_id"] for task in admin.get("/api/tasks").json["tasks"]] == [task_id]
    assert admin.post(f"/api/tasks/stop/{task_id}").status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"description": ""},
        {"description": " \n\t"},
        {"description": "a\0b"},
        {"description": "x" * 100_001},
        {"description": "x", "user_id": "bob"},
        {"description": "x", "status": "completed"},
        {"description": "x", "max_budget_usd": 0},
        {"description": "x", "max_turns": -1},
        {"description": "x", "model": "a\0b"},
        {"description": ["x"]},
    ],
)
def test_a_task_that_cannot_be_is_refused(ann: Person, body: object) -> None:
    answer = ann.post("/api/tasks", body)
    assert answer.status == 400
    assert answer.content_type == "application/problem+json"
    assert ann.get("/api/tasks").json["tasks"] == []


def test_a_body_of_10_megabytes_is_refused(ann: Person) -> None:
    assert ann.post("/api/tasks", {"description": "x" * 10_000_000}).status == 413


@pytest.mark.parametrize("description", ["--version", "-p", "$(reboot) `reboot`; | & > x", "'; DROP TABLE tasks; --"])
def test_a_description_is_data(ann: Person, description: str) -> None:
    assert show(ann, make(ann, description))["description"] == description


def test_a_workspace_elsewhere_is_refused(ann: Person) -> None:
    answer = ann.post("/api/tasks", {"description": "x", "workspace": "/etc"})
    assert answer.status == 403
    assert "/etc" in answer.json["detail"]


@pytest.mark.parametrize(
    "query", ["status=done", "limit=0", "limit=201", "cursor=nonsense", "since=yesterday", "agent=a%00b", "colour=red"]
)
def test_a_filter_that_makes_no_sense_is_refused(ann: Person, query: str) -> None:
    answer = ann.get(f"/api/tasks?{query}")
    assert answer.status == 400
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("task_id", [UNKNOWN, "%00", "%", "_", "%25", "x" * 5000, "%F0%9F%92%A9", "%ED%A0%80"])
def test_an_id_that_names_nothing_is_not_found(both: World, task_id: str) -> None:
    ann = both.person("ann")
    make(ann, "there")
    for answer in (ann.get(f"/api/tasks/{task_id}"), ann.post(f"/api/tasks/stop/{task_id}")):
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"


def test_a_list_shows_the_beginning_of_long_texts(ann: Person) -> None:
    task_id = make(ann, "x" * 5000)
    assert descriptions(ann, "") == ["x" * 999 + "…"]
    assert show(ann, task_id)["description"] == "x" * 5000


def test_without_a_token_there_is_nothing(world: World) -> None:
    nobody = world.nobody()
    assert nobody.post("/api/tasks", {"description": "x"}).status == 401
    assert nobody.delete(f"/api/tasks/{UNKNOWN}").status == 401


def test_a_full_queue_is_429_with_the_time_to_wait(world: World, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatserver.tasks.scheduling.MAX_WAITING_OF_USER", 1)
    make(ann, "one")
    full = ann.post("/api/tasks", {"description": "two"})
    assert (full.status, full.headers["Retry-After"]) == (429, "10")
    assert full.json["detail"].startswith("1 of your tasks are pending")
    assert world.person("bob").post("/api/tasks", {"description": "three"}).status == 201


def make(person: Person, description: str) -> str:
    answer = person.post("/api/tasks", {"description": description})
    assert answer.status == 201, answer.text
    return str(answer.json["task_id"])


def show(person: Person, task_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/tasks/{task_id}").json
    return found


def accepted(answer: Answer) -> Answer | None:
    return answer if answer.status == 200 else None


def ended(person: Person, task_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        task = show(person, task_id)
        return None if task["status"] in {"pending", "running"} else task

    return wait_for(look, "the task to end")


def descriptions(person: Person, query: str) -> list[str]:
    return [task["description"] for task in person.get(f"/api/tasks?{query}").json["tasks"]]
