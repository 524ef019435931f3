"""Outcomes of runs, and tasks in any status."""

from __future__ import annotations

from chatserver.tasks.records import Outcome, Spent, Task, TaskStatus
from chatserver.tasks.store import TaskStore
from exporter.model.money import PICODOLLARS

DONE = Outcome(TaskStatus.COMPLETED, Spent(PICODOLLARS, 7, 2), "Done.")
# Killed before it reported what it cost: what its transcript has is not all.
KILLED = Outcome(TaskStatus.FAILED, Spent(PICODOLLARS // 2, 3, 1, is_known=False))


def claimed(store: TaskStore, server: str = "here") -> Task:
    task = store.claim_task(server)
    assert task is not None
    return task
