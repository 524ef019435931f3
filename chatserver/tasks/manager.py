"""Everything that can be asked of tasks, and done to them, on behalf of a viewer. It runs nothing: the pool does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress

from chatserver.accounts.viewer import Viewer
from chatserver.settings import ServerSettings
from chatserver.tasks.budget import check_budget
from chatserver.tasks.errors import TaskError, UnknownTaskError, WrongStatusError
from chatserver.tasks.feed import ChangeFeed, Listeners
from chatserver.tasks.new_tasks import checked
from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.records import (
    ENDED,
    OPEN,
    FinishedRun,
    NewTask,
    Task,
    TaskFilter,
    TaskOutput,
    TaskPage,
    TaskStatus,
)
from chatserver.tasks.store import TaskStore
from exporter.model.clock import now_us

__all__ = ["TaskManager", "TaskOutput"]
ID_BYTES = 6
PAGE = 500
LATELY = 12


class TaskManager:
    """The tasks of all servers on one database. Several threads may call it."""

    def __init__(self, store: TaskStore, queries: TaskQueries, feed: ChangeFeed, settings: ServerSettings) -> None:
        self.outputs: Listeners[TaskOutput] = Listeners()
        self._store = store
        self._queries = queries
        self._feed = feed
        self._settings = settings

    def create(self, new: NewTask) -> Task:
        """Put a task into the queue. Raises InvalidTaskError, WorkspaceRefusedError, BudgetSpentError."""
        task = checked(new, self._settings.tasks, secrets.token_hex(ID_BYTES))
        check_budget(self._settings.exporter.budgets.day, self.spent_since, now_us())
        return self._told(self._store.add(task))

    def start(self, task_id: str, viewer: Viewer) -> Task:
        """Have a waiting task be the next of its user. Raises WrongStatusError."""
        return self._told(self._store.put_first(self.get(task_id, viewer).task_id))

    def stop(self, task_id: str, viewer: Viewer) -> Task:
        """Stop a task that waits or runs; its processes are ended right after. Raises WrongStatusError."""
        return self._told(self._store.stop(self.get(task_id, viewer).task_id))

    def stop_all(self, viewer: Viewer) -> list[Task]:
        """Stop all tasks that wait or run; those that end by themselves meanwhile are left out."""
        stopped = []
        # Those that wait go first, so that none of them takes the place of one that ran.
        for task in sorted(self._all(TaskFilter(OPEN), viewer), key=lambda task: task.status is TaskStatus.RUNNING):
            with suppress(WrongStatusError, UnknownTaskError):
                stopped.append(self._told(self._store.stop(task.task_id)))
        return stopped

    def restart(self, task_id: str, viewer: Viewer) -> Task:
        """Have a task that has ended wait once more. Raises WrongStatusError, BudgetSpentError."""
        task = self.get(task_id, viewer)
        check_budget(self._settings.exporter.budgets.day, self.spent_since, now_us())
        return self._told(self._store.requeue(task.task_id))

    def delete(self, task_id: str, viewer: Viewer) -> Task:
        """Forget a task that waits or has ended; what it cost stays counted. Raises WrongStatusError."""
        return self._store.delete(self.get(task_id, viewer).task_id)

    def clear_failed(self, viewer: Viewer) -> int:
        """Forget all tasks that have failed: how many these were."""
        cleared = 0
        for task in self._all(TaskFilter((TaskStatus.FAILED,)), viewer):
            with suppress(TaskError):
                self._store.delete(task.task_id)
                cleared += 1
        return cleared

    def get(self, prefix: str, viewer: Viewer) -> Task:
        """The one task whose id begins so. Raises UnknownTaskError, AmbiguousTaskError."""
        return self._queries.get(prefix, viewer)

    def list(self, wanted: TaskFilter, viewer: Viewer, limit: int = 50, cursor: str | None = None) -> TaskPage:
        """Some of the tasks, the newest first. Raises InvalidTaskError where the cursor is none."""
        return self._queries.page(wanted, viewer, limit, cursor)

    def open_tasks(self, viewer: Viewer) -> Sequence[Task]:
        """The newest of the tasks that wait or run."""
        return self._queries.page(TaskFilter(OPEN), viewer, PAGE, None).tasks

    def ended_lately(self, viewer: Viewer) -> Sequence[Task]:
        """The newest of the tasks that have ended, the one that ended last first."""
        found = self._queries.page(TaskFilter(ENDED), viewer, LATELY, None).tasks
        return sorted(found, key=lambda task: -(task.finished_us or 0))

    def counts(self, viewer: Viewer) -> dict[TaskStatus, int]:
        """How many tasks there are of each status."""
        return self._queries.counts(viewer)

    def finished_since(self, since_us: int) -> Sequence[FinishedRun]:
        """Each time that a task of anyone ended since a moment, also of tasks that were restarted or deleted."""
        return self._queries.finished_since(since_us)

    def spent_since(self, since_us: int) -> int:
        """What the runs of all users that ended since a moment came to, in picodollars."""
        return self._queries.spent_since(since_us)

    def spent_by(self, viewer: Viewer) -> int:
        """What all runs of the viewer's tasks came to, in picodollars."""
        return self._queries.spent_by(viewer)

    def session_uuids(self, viewer: Viewer) -> frozenset[str]:
        """The sessions of Claude Code that the viewer's tasks had."""
        return self._queries.session_uuids(viewer)

    def subscribe(self, listener: Callable[[Task], None]) -> Callable[[], None]:
        """Tell a listener every change of a task but its deletion, any server's within about a second.

        Calls come one after the other, in the thread that made or found the change; so they must be quick. What comes
        back ends it.
        """
        return self._feed.listeners.subscribe(listener)

    def subscribe_output(self, listener: Callable[[TaskOutput], None]) -> Callable[[], None]:
        """Tell a listener what the tasks that run on this server write, as they write it."""
        return self.outputs.subscribe(listener)

    def _told(self, task: Task) -> Task:
        self._feed.tell(task)
        return task

    def _all(self, wanted: TaskFilter, viewer: Viewer) -> Sequence[Task]:
        found: list[Task] = []
        cursor = None
        while True:
            page = self._queries.page(wanted, viewer, PAGE, cursor)
            found += page.tasks
            cursor = page.next_cursor
            if cursor is None:
                return found
