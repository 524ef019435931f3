"""The steps of tasks in the database."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete, insert, select

from chatserver.storage.database import Database
from chatserver.storage.schema import task_steps
from chatserver.tasks.records import Step, Task

DECODER = msgspec.json.Decoder(tuple[Step, ...])


def write_steps(connection: Connection, task: Task, steps: Sequence[Step]) -> None:
    """Store the steps of the task's current run, in place of earlier ones."""
    connection.execute(delete(task_steps).where(task_steps.c.task_id == task.task_id))
    row = {"task_id": task.task_id, "attempt": task.attempts, "steps": msgspec.json.encode(steps).decode()}
    connection.execute(insert(task_steps).values(row))


def read_steps(database: Database, task: Task) -> tuple[Step, ...]:
    """The steps of the task's latest run, oldest first."""
    same = (task_steps.c.task_id == task.task_id) & (task_steps.c.attempt == task.attempts)
    found = database.run_read_only(lambda connection: connection.scalar(select(task_steps.c.steps).where(same)))
    return DECODER.decode(found) if found else ()
