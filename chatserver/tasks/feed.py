"""Notifications about tasks: every change on any server, and the output of the tasks that run on this one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.records import Task
from exporter.model.log import logger

Notice = TypeVar("Notice")
log = logger(__name__)
LOOK_BACK_US = 10_000_000  # a transaction may become visible this much later than its changes are dated


class Listeners(Generic[Notice]):
    """Callbacks, called in the thread that notifies them; so they must be quick."""

    def __init__(self) -> None:
        self._listeners: dict[object, Callable[[Notice], None]] = {}

    def subscribe(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        """Add a listener, and return the function that removes it."""
        key = object()
        self._listeners = {**self._listeners, key: listener}

        def unsubscribe() -> None:
            self._listeners = {known: other for known, other in self._listeners.items() if known is not key}

        return unsubscribe

    def notify(self, notice: Notice) -> None:
        """Call every listener."""
        for listener in self._listeners.values():
            try:
                listener(notice)
            except Exception:  # one listener's failure must neither undo a change nor silence the others
                log.exception("A listener failed on a notice about a task.")


class ChangeFeed:
    """Every change of a task, once and in order: this server's at once, other servers' with the next poll."""

    def __init__(self, queries: TaskQueries) -> None:
        self.listeners: Listeners[Task] = Listeners()
        self._queries = queries
        self._lock = threading.RLock()
        self._since_us = queries.last_change()
        known = queries.changed_since(self._since_us - LOOK_BACK_US)
        self._published = {task.task_id: task.changed_us for task in known}

    def publish_change(self, task: Task) -> None:
        """Notify the listeners of a change, unless they were notified of it or a later one."""
        with self._lock:
            if self._published.get(task.task_id, 0) >= task.changed_us:
                return
            self._published[task.task_id] = task.changed_us
            self.listeners.notify(task)

    def poll_changes(self) -> None:
        """Publish the changes that other servers have made."""
        for task in self._queries.changed_since(self._since_us - LOOK_BACK_US):
            self._since_us = max(self._since_us, task.changed_us)
            self.publish_change(task)
        with self._lock:
            forgotten_us = self._since_us - 2 * LOOK_BACK_US
            self._published = {task_id: at_us for task_id, at_us in self._published.items() if at_us > forgotten_us}
