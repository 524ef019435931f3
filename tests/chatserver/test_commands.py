"""What people type, and what it comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from chatserver.accounts.viewer import Viewer
from chatserver.commands import COMMANDS, CommandHandler, CostFigures
from chatserver.storage.schema import tasks
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import NewTask, Spent, TaskStatus
from chatserver.tasks.store import TaskStore
from exporter.hooks_reader import HooksReader
from exporter.model.money import PICODOLLARS
from tests.chatserver.people import ANN, BOB, add_people
from tests.chatserver.tasks.outcomes import DONE, KILLED, claimed
from tests.chatserver.world import World, made_settings, made_world
from tests.e2e.processes import wait_for
from tests.fakes import claude
from tests.support.synthetic_logs import call, now_us

COSTS: CostFigures = {
    "cost_24h": 3.0, "cost_today": 2.0, "cost_month": None, "complete": True,
    "unpriced_tokens_24h": 0, "unpriced_tokens_today": 0, "unpriced_tokens_month": 0,
}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """Tasks of which none is run."""
    with made_world(made_settings(tmp_path, database_url)) as world:
        add_people(world.services.database, ANN, BOB)
        yield world


@pytest.fixture
def manager(world: World) -> TaskManager:
    return world.services.manager


@pytest.fixture
def handler(manager: TaskManager) -> CommandHandler:
    return CommandHandler(manager)


def test_status_counts_tasks(world: World, handler: CommandHandler) -> None:
    for status, number in ((TaskStatus.RUNNING, 1), (TaskStatus.COMPLETED, 45), (TaskStatus.FAILED, 2)):
        make(world, *[status] * number)
    make(world, TaskStatus.PENDING, TaskStatus.PENDING)
    reply = asyncio.run(handler.handle_command("/tasks:status"))
    assert reply["success"] is True
    assert reply["message"] == "3 active tasks, 45 completed, 2 failed"
    assert reply["data"] == {"active": 3, "pending": 2, "running": 1, "completed": 45, "failed": 2, "stopped": 0}


def test_a_task_is_started_stopped_restarted_and_viewed_by_any_beginning_of_its_id(handler: CommandHandler) -> None:
    task_id = said(handler, "/tasks:start Write a poem --about 'the sea'")["data"]["task_id"]
    prefix = task_id[:6]
    assert said(handler, f"/tasks:view {prefix}")["data"]["description"] == "Write a poem --about 'the sea'"
    assert said(handler, f"/tasks:stop {prefix}")["message"] == f"Task {task_id} stopped"
    assert said(handler, f"/tasks:restart {prefix}")["message"] == f"Task {task_id} restarted"
    assert "pending" in said(handler, f"/tasks:view {prefix}")["message"]


def test_a_description_may_begin_on_a_line_of_its_own(handler: CommandHandler) -> None:
    assert said(handler, "/tasks:start\n  two\n  lines \n")["data"]["description"] == "two\n  lines"


def test_all_are_stopped_and_the_failed_are_cleared(world: World, handler: CommandHandler) -> None:
    make(world, TaskStatus.PENDING, TaskStatus.PENDING, TaskStatus.PENDING, TaskStatus.FAILED, TaskStatus.COMPLETED)
    assert said(handler, "/tasks:stopall")["message"] == "Stopped 3 tasks"
    assert said(handler, "/tasks:stopall")["message"] == "Stopped 0 tasks"
    assert said(handler, "/tasks:clearfailed")["message"] == "Cleared 1 failed task"
    assert said(handler, "/tasks:status")["message"] == "0 active tasks, 1 completed, 0 failed, 3 stopped"


def test_a_list_can_be_of_a_status_an_agent_or_a_time(world: World, handler: CommandHandler) -> None:
    (first,) = make(world, TaskStatus.COMPLETED, agent_type="tester")
    (second,) = make(world, TaskStatus.FAILED)
    assert listed(handler, "/tasks:list") == [second, first]
    assert listed(handler, "/tasks:list failed") == [second]
    assert listed(handler, "/tasks:list failed completed") == [second, first]
    assert listed(handler, "/tasks:list agent=tester") == [first]
    assert listed(handler, "/tasks:list since=1h") == [second, first]
    assert listed(handler, "/tasks:list completed agent=tester since=2999-01-01") == []
    message = said(handler, "/tasks:list")["message"]
    assert message.splitlines()[0] == "2 tasks"
    assert first in message


@pytest.mark.parametrize("command", ["/tasks:stop", "/tasks:view", "/tasks:restart"])
def test_nobody_touches_what_is_anothers(handler: CommandHandler, command: str) -> None:
    task_id = said(handler, "/tasks:start mine", ANN)["data"]["task_id"]
    unknown = refused(handler, f"{command} ffffffffff", BOB)
    assert refused(handler, f"{command} {task_id}", BOB) == unknown.replace("ffffffffff", task_id)
    assert said(handler, "/tasks:stopall", BOB)["message"] == "Stopped 0 tasks"
    assert listed(handler, "/tasks:list", BOB) == []
    assert listed(handler, "/tasks:list", ANN) == listed(handler, "/tasks:list") == [task_id]


def test_an_unknown_command_suggests_the_nearest(handler: CommandHandler) -> None:
    assert refused(handler, "/task:staus") == "There is no command /task:staus; did you mean /tasks:status?"
    assert refused(handler, "/zzz") == "There is no command /zzz; /help lists all."
    assert "/help" in refused(handler, "")
    assert len(refused(handler, "/" + "x" * 100_000)) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/tasks:stop", "write /tasks:stop ID"),
        ("/tasks:start", "write /tasks:start DESCRIPTION"),
        ("/tasks:start \t ", "write /tasks:start DESCRIPTION"),
        ("/tasks:start a\0b", "NUL"),
        ("/tasks:stop \0", "There is no task"),
        ("/tasks:stop %", "There is no task"),
        ("/tasks:list done", "pending, running, completed, failed, stopped"),
        ("/tasks:list since=yesterday", "7d, 12h or 2026-11-28"),
        ("/tasks:list colour=red", "agent=…"),
        ("/sessions", "hook logs"),
    ],
)
def test_what_cannot_be_done_is_reported_in_a_sentence(handler: CommandHandler, text: str, says: str) -> None:
    message = refused(handler, text)
    assert says in message
    assert message.count("\n") == 0


def test_help_names_every_command(handler: CommandHandler) -> None:
    reply = said(handler, "/help")
    assert len(reply["message"].splitlines()) == len(COMMANDS)
    assert [one["command"].split()[0] for one in reply["data"]["commands"]] == [one.name for one in COMMANDS]


def test_clear_begins_a_new_conversation(handler: CommandHandler) -> None:
    assert said(handler, "/clear")["data"] == {"clear": True}


def test_sessions_are_counted_and_a_user_sees_their_own(world: World, manager: TaskManager, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for name in ("one", "two"):
        call(logs, name, now_us() - 1_000_000)
    handler = CommandHandler(manager, HooksReader(logs))
    assert said(handler, "/sessions")["message"] == "2 sessions in 24 hours, 2 active"
    assert said(handler, "/sessions", ANN)["message"] == "0 sessions in 24 hours, 0 active"
    make(world, TaskStatus.RUNNING, session_uuid="one")
    (session,) = said(handler, "/sessions", ANN)["data"]["sessions"]
    assert session["session_uuid"] == "one"


def test_an_admin_sees_all_costs_and_a_user_those_of_their_tasks(world: World, manager: TaskManager) -> None:
    world.services.start()
    failing = 'raw {"type":"result","is_error":true,"total_cost_usd":0.5}\nexit 1'
    for description in ("one", failing):
        manager.create(NewTask(ANN, description))
    both = round((claude.COST_USD + 0.5) * PICODOLLARS)
    wait_for(lambda: manager.spent_since(0).picodollars == both, "both tasks to end")
    known = COSTS
    handler = CommandHandler(manager, cost=lambda: known)
    assert said(handler, "/cost")["message"] == "$2.00 today, $3.00 in 24 hours, unknown this month"
    known = {**COSTS, "cost_month": 9.0, "unpriced_tokens_24h": 1500, "unpriced_tokens_month": 2500}
    message = said(handler, "/cost")["message"]
    assert message.startswith("$2.00 today, $3.00+ in 24 hours, $9.00+ this month; without the cost of 2,500 tokens")
    assert said(handler, "/cost", ANN)["message"] == "Your tasks cost $0.54"
    assert said(handler, "/cost", BOB)["message"] == "Your tasks cost $0.00"
    assert said(CommandHandler(manager), "/cost")["message"] == "All tasks cost $0.54"


def test_costs_of_tasks_say_of_how_many_runs_not_all_is_known(world: World, manager: TaskManager) -> None:
    store = TaskStore(world.services.database)
    for outcome in (DONE, KILLED):
        manager.create(NewTask(ANN, "one"))
        store.finish_run(claimed(store), outcome)
    reply = said(CommandHandler(manager), "/cost", ANN)
    assert reply["message"] == "Your tasks cost $1.50+; without what is not known of the cost of 1 run"
    assert reply["data"] == {"tasks_usd": 1.5, "incomplete_costs": 1}
    assert said(CommandHandler(manager), "/cost", BOB)["data"] == {"tasks_usd": 0, "incomplete_costs": 0}


def test_a_task_shows_what_is_known_of_its_cost(world: World, manager: TaskManager) -> None:
    store, handler = TaskStore(world.services.database), CommandHandler(manager)
    shown = {}
    for outcome in (DONE, KILLED, replace(KILLED, spent=Spent(is_known=False))):
        task = manager.create(NewTask(ANN, "one"))
        store.finish_run(claimed(store), outcome)
        reply = said(handler, f"/tasks:view {task.task_id}", ANN)
        shown[reply["message"].splitlines()[1]] = reply["data"]["cost_usd"], reply["data"]["known_cost_usd"]
    assert shown == {"$1.00": (1.0, 1.0), "$0.50+": (None, 0.5), "cost unknown": (None, 0.0)}


def test_costs_say_so_while_transcripts_are_still_read(manager: TaskManager) -> None:
    read: CostFigures = {**COSTS, "complete": False}
    reply = said(CommandHandler(manager, cost=lambda: read), "/cost")
    assert reply["message"].endswith("\nStill reading logs and transcripts; these figures are incomplete.")
    assert reply["data"]["complete"] is False


def make(world: World, *statuses: TaskStatus, **fields: Any) -> list[str]:
    """Tasks of Ann's as if they had come so far."""
    made = []
    for status in statuses:
        task = world.services.manager.create(NewTask(ANN, f"a task that is {status}"))
        change = update(tasks).where(tasks.c.task_id == task.task_id).values(status=status.value, **fields)
        world.services.database.run(methodcaller("execute", change))
        made.append(task.task_id)
    return made


def said(handler: CommandHandler, text: str, viewer: Viewer | None = None) -> dict[str, Any]:
    reply = asyncio.run(handler.handle_command(text, *[viewer] if viewer else []))
    assert reply["success"], reply["message"]
    return reply


def refused(handler: CommandHandler, text: str, viewer: Viewer | None = None) -> str:
    reply = asyncio.run(handler.handle_command(text, *[viewer] if viewer else []))
    assert not reply["success"]
    assert reply["data"] is None
    return str(reply["message"])


def listed(handler: CommandHandler, text: str, viewer: Viewer | None = None) -> list[str]:
    return [task["task_id"] for task in said(handler, text, viewer)["data"]["tasks"]]
