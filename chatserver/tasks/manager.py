"""All operations on tasks on behalf of a viewer. It runs nothing: the pool does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress

from chatserver.accounts.viewer import Viewer
from chatserver.settings import ServerSettings
from chatserver.tasks.budget import check_budget
from chatserver.tasks.errors import TaskError, UnknownTaskError, WrongStatusError
from chatserver.tasks.feed import ChangeFeed, Listeners
from chatserver.tasks.new_tasks import validated_task
from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.records import (
    ENDED,
    OPEN,
    FinishedRun,
    NewTask,
    RunCosts,
    Step,
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
MAX_RECENT = 12


class TaskManager:
    """The tasks of all servers on one database. Several threads may call it."""

    def __init__(self, store: TaskStore, queries: TaskQueries, feed: ChangeFeed, settings: ServerSettings) -> None:
        self.outputs: Listeners[TaskOutput] = Listeners()
        self._store = store
        self._queries = queries
        self._feed = feed
        self._settings = settings

    def create(self, new: NewTask) -> Task:
        """Add a task to the queue; for a message that has one already, return that.

        Raises InvalidTaskError, ChoiceRefusedError, WorkspaceRefusedError, BudgetSpentError, TooManyTasksError,
        LoggedOutError, DeletedMessageError.
        """
        task = validated_task(new, self._settings.tasks, secrets.token_hex(ID_BYTES))
        check_budget(self._settings.exporter.budgets.day, self.spent_since, now_us())
        return self._published(self._store.add_task(task, new.author, new.message_id))

    def start(self, task_id: str, viewer: Viewer) -> Task:
        """Move a pending task to the front of its user's queue. Raises WrongStatusError."""
        return self._published(self._store.move_to_front(self.get(task_id, viewer).task_id))

    def stop(self, task_id: str, viewer: Viewer) -> Task:
        """Stop a pending or running task; its processes are ended right after. Raises WrongStatusError."""
        return self._published(self._store.stop(self.get(task_id, viewer).task_id))

    def stop_all(self, viewer: Viewer) -> list[Task]:
        """Stop all pending and running tasks, and return those that did not end by themselves first."""
        stopped = []
        # Pending tasks first, so that none of them takes a slot that becomes free.
        for task in sorted(self._all(TaskFilter(OPEN), viewer), key=lambda task: task.status is TaskStatus.RUNNING):
            with suppress(WrongStatusError, UnknownTaskError):
                stopped.append(self._published(self._store.stop(task.task_id)))
        return stopped

    def restart(self, task_id: str, viewer: Viewer) -> Task:
        """Queue a task that has ended once more.

        Raises WrongStatusError, BudgetSpentError, TooManyTasksError, LoggedOutError, OwnerRemovedError.
        """
        task = self.get(task_id, viewer)
        check_budget(self._settings.exporter.budgets.day, self.spent_since, now_us())
        return self._published(self._store.requeue(task.task_id, viewer))

    def delete(self, task_id: str, viewer: Viewer) -> Task:
        """Delete a task that does not run; its cost stays counted. Raises WrongStatusError."""
        task = self.get(task_id, viewer)
        deleted = self._store.delete(task.task_id)
        return self._published(deleted) if deleted.status is not task.status else deleted

    def clear_failed(self, viewer: Viewer) -> int:
        """Delete all failed tasks, and return how many there were."""
        cleared = 0
        for task in self._all(TaskFilter((TaskStatus.FAILED,)), viewer):
            with suppress(TaskError):
                self._store.delete(task.task_id)
                cleared += 1
        return cleared

    def get(self, prefix: str, viewer: Viewer) -> Task:
        """The one task whose id starts with this. Raises UnknownTaskError, AmbiguousTaskError."""
        return self._queries.get(prefix, viewer)

    def steps(self, task: Task) -> Sequence[Step]:
        """The latest tool calls of the task's latest run, oldest first."""
        return self._queries.steps(task)

    def list(self, wanted: TaskFilter, viewer: Viewer, limit: int = 50, cursor: str | None = None) -> TaskPage:
        """A page of tasks, newest first. Raises InvalidTaskError for an invalid cursor."""
        return self._queries.page(wanted, viewer, limit, cursor)

    def open_tasks(self, viewer: Viewer) -> Sequence[Task]:
        """The newest of the pending and running tasks."""
        return self._queries.page(TaskFilter(OPEN), viewer, PAGE, None).tasks

    def recently_ended(self, viewer: Viewer) -> Sequence[Task]:
        """The tasks that ended last, latest first."""
        found = self._queries.page(TaskFilter(ENDED), viewer, MAX_RECENT, None).tasks
        return sorted(found, key=lambda task: -(task.finished_us or 0))

    def counts(self, viewer: Viewer) -> dict[TaskStatus, int]:
        """The number of tasks by status."""
        return self._queries.counts(viewer)

    def finished_since(self, since_us: int) -> Sequence[FinishedRun]:
        """The runs of all users that have ended since a time, also of tasks that were restarted or deleted."""
        return self._queries.finished_since(since_us)

    def spent_since(self, since_us: int) -> RunCosts:
        """The cost of the runs of all users that have ended since a time."""
        return self._queries.spent_since(since_us)

    def spent_by(self, viewer: Viewer) -> RunCosts:
        """The cost of all runs of the viewer's tasks."""
        return self._queries.spent_by(viewer)

    def session_uuids(self, viewer: Viewer) -> frozenset[str]:
        """The Claude Code sessions of the viewer's tasks."""
        return self._queries.session_uuids(viewer)

    def subscribe(self, listener: Callable[[Task], None]) -> Callable[[], None]:
        """Call a listener at every change of a task, and return what unsubscribes it; one that is deleted has ended.

        Calls are sequential, in the thread that made or found the change, so they must be quick. Changes on other
        servers arrive within about a second.
        """
        return self._feed.listeners.subscribe(listener)

    def subscribe_output(self, listener: Callable[[TaskOutput], None]) -> Callable[[], None]:
        """Call a listener with the output of the tasks that run on this server, as they write it."""
        return self.outputs.subscribe(listener)

    def _published(self, task: Task) -> Task:
        self._feed.publish_change(task)
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
