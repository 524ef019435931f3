"""Who wants to know of tasks: of every change, whichever server made it, and of what those of this one write."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from chatserver.tasks.queries import TaskQueries
from chatserver.tasks.records import Task

News = TypeVar("News")
log = logging.getLogger(__name__)
LOOK_BACK_US = 10_000_000  # a transaction may be seen this much later than its changes are dated


class Listeners(Generic[News]):
    """Those who are told. They are called in the thread that brings the news, and must be quick."""

    def __init__(self) -> None:
        self._listeners: dict[object, Callable[[News], None]] = {}

    def subscribe(self, listener: Callable[[News], None]) -> Callable[[], None]:
        """Tell this one from now on; calling what comes back ends it."""
        key = object()
        self._listeners = {**self._listeners, key: listener}

        def unsubscribe() -> None:
            self._listeners = {known: other for known, other in self._listeners.items() if known is not key}

        return unsubscribe

    def tell(self, news: News) -> None:
        """Tell everybody."""
        for listener in self._listeners.values():
            try:
                listener(news)
            except Exception:  # one listener's failure must neither undo a change nor silence the others
                log.exception("A listener failed at the news of a task.")


class ChangeFeed:
    """Tells every change of a task once and in its order: this server's at once, those of others at the next look."""

    def __init__(self, queries: TaskQueries) -> None:
        self._queries = queries
        self._lock = threading.RLock()
        self._since_us = queries.last_change()
        known = queries.changed_since(self._since_us - LOOK_BACK_US)
        self._told = {task.task_id: task.changed_us for task in known}
        self.listeners: Listeners[Task] = Listeners()

    def tell(self, task: Task) -> None:
        """Tell a change, unless it was told already."""
        with self._lock:
            if self._told.get(task.task_id, 0) >= task.changed_us:
                return
            self._told[task.task_id] = task.changed_us
            self.listeners.tell(task)

    def look(self) -> None:
        """Tell what other servers have changed."""
        for task in self._queries.changed_since(self._since_us - LOOK_BACK_US):
            self._since_us = max(self._since_us, task.changed_us)
            self.tell(task)
        with self._lock:
            forgotten_us = self._since_us - 2 * LOOK_BACK_US
            self._told = {task_id: at_us for task_id, at_us in self._told.items() if at_us > forgotten_us}
