"""A PostgreSQL that goes away again and again: every task runs once, and its result and cost are stored once."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from chatserver.storage.database import open_database
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import Task, TaskStatus
from tests.chatserver.postgres import programs, running_postgres
from tests.chatserver.tasks.place import Place, ask, ended
from tests.e2e.processes import wait_for
from tests.fakes import claude

OUTAGES, TASKS_EACH = 8, 6


def test_every_task_runs_once_and_its_result_is_stored_however_often_the_database_goes_away(tmp_path: Path) -> None:
    found, rng, tasks = programs(), random.Random(91), dict[str, Task]()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    with running_postgres(found) as server, open_database(url(server.directory)) as database:
        place = Place(tmp_path, database, claude.install(tmp_path), dict(os.environ))
        place.workspace.mkdir()
        with place.closing:
            manager, _ = place.server(slots=3)
            for outage in range(OUTAGES):
                for number in range(TASKS_EACH):
                    text = f"task {outage} {number}"
                    tasks[text] = wait_for(lambda: created(manager, text), "the database to take a task")  # noqa: B023
                time.sleep(rng.uniform(0, 2))  # the moment of the outage
                server.stop()
                time.sleep(rng.uniform(0, 10))  # its length
                server.start()
            done = {text: ended(manager, task) for text, task in tasks.items()}
            calls = place.calls()
    assert {text: (task.status, task.result, task.cost_usd) for text, task in done.items()} == {
        text: (TaskStatus.COMPLETED, f"You said: {text}", claude.COST_USD) for text in tasks
    }
    assert len(calls) == len(tasks)


def url(directory: str) -> str:
    return f"postgresql+psycopg://tests@/postgres?host={directory}"


def created(manager: TaskManager, text: str) -> Task | None:
    """A new task; None while the database is away."""
    try:
        return ask(manager, text)
    except SQLAlchemyError:
        return None
