"""The demo's server: an account whose tasks and conversations its own Claude Code works on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatserver.demo.prompts import CONVERSATIONS, TASKS
from chatserver.demo.start import USER, demo_settings, prepare_demo
from exporter.counting.budgets import Budgets
from exporter.demo.directories import DemoDirectories
from exporter.model.money import PICODOLLARS
from tests.chatserver.world import Person, World, made_settings, made_world
from tests.e2e.processes import wait_for

CONVERSATION, FAILING = CONVERSATIONS[0], TASKS[1]


@pytest.fixture
def demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Person]:
    """The demo's user, logged in with the password that the demo prints."""
    directories = DemoDirectories.under(tmp_path)
    settings = demo_settings(made_settings(tmp_path), directories)
    for directory in (directories.sessions, directories.transcripts):
        directory.mkdir()
    prepare_demo(settings, directories)
    said = re.search(rf"Log in as {USER} with the password (\S+) ", capsys.readouterr().out)
    assert said
    with made_world(settings) as world:
        world.services.start()
        yield log_in(world, said[1])


def log_in(world: World, password: str) -> Person:
    client = world.app.test_client()
    answer = client.post("/api/auth/login", json={"name": USER, "password": password})
    assert answer.status_code == 200
    given: Any = answer.get_json()
    return Person(client, {"Authorization": f"Bearer {given['token']}"}, given["user"]["user_id"])


def ended(person: Person, prompt: str) -> dict[str, Any] | None:
    tasks = person.get("/api/tasks").json["tasks"]
    return next(
        (task for task in tasks if task["description"] == prompt and task["status"] in {"completed", "failed"}), None
    )


def cost_of_session(person: Person, session_uuid: str) -> float | None:
    """As the live page has it, which reads what is new when it is asked for the work of now."""
    metrics = person.client.get("/api/metrics", headers={**person.headers, "Accept": "application/json"})
    assert metrics.status_code == 200
    summary = person.get(f"/api/sessions/{session_uuid}").json["summary"]
    cost: float | None = summary["cost_usd"]
    return cost


def test_its_tasks_and_conversations_are_worked_on_and_cost_what_their_sessions_cost(demo: Person) -> None:
    task = wait_for(lambda: ended(demo, CONVERSATION.prompt), "a conversation's task to end")
    assert (task["status"], task["result"]) == ("completed", CONVERSATION.answer)
    cost = pytest.approx(task["cost_usd"], abs=1e-9)
    wait_for(lambda: cost_of_session(demo, task["session_uuid"]) == cost, "the session to cost as much")
    steps = demo.get(f"/api/task_steps/{task['task_id']}").json["steps"]
    assert len([step for step in steps if step["tool"] != "TodoWrite"]) == CONVERSATION.calls
    assert {step["outcome"] for step in steps} <= {"success", "error", "unknown"}
    assert all(step["about"] for step in steps if step["tool"] in {"Bash", "Read", "Edit"})
    failed = wait_for(lambda: ended(demo, FAILING.prompt), "the failing task to end")
    assert (failed["status"], failed["error"]) == ("failed", FAILING.error)
    chats = demo.get("/api/chats").json["chats"]
    assert {chat["title"] for chat in chats} == {one.prompt for one in CONVERSATIONS}


def test_its_budgets_are_those_that_are_set_or_its_own(tmp_path: Path) -> None:
    settings, directories = made_settings(tmp_path), DemoDirectories.under(tmp_path)
    own = demo_settings(settings, directories).exporter.budgets
    assert (own.day, own.month) == (50 * PICODOLLARS, 900 * PICODOLLARS)
    chosen = replace(settings, exporter=replace(settings.exporter, budgets=Budgets(day=7 * PICODOLLARS)))
    assert demo_settings(chosen, directories).exporter.budgets == Budgets(7 * PICODOLLARS, own.month)
