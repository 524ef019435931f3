"""Which log directories changed, as the operating system reports. It only saves work: a walk finds what it misses."""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

log = logging.getLogger(__name__)
# With every kind of event, opening a file to read it would wake the reader again.
EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent, FileModifiedEvent, FileMovedEvent, FileDeletedEvent,
    DirCreatedEvent, DirMovedEvent, DirDeletedEvent,
]  # fmt: skip
# Some changes never tell of themselves: on network and shared file systems, behind links, past the system's limit.
WALK_SECONDS = 30.0
WALK_SHARE = 100  # a walk that took long is followed by a pause a hundred times as long
WATCHDOG_LOGGER = "watchdog.observers"


class Watch(FileSystemEventHandler):
    """Collects the directories in which something happened. A root may appear, vanish or be replaced at any time."""

    def __init__(self, roots: Sequence[str], nudge: Callable[[], None]) -> None:
        self.roots = roots
        self._nudge = nudge
        self._lock = threading.Lock()
        self._changed: set[str] = set()  # guarded by _lock
        self._anything = True  # guarded by _lock
        self._walk_began = 0.0  # guarded by _lock
        self._walk_took = 0.0  # guarded by _lock
        self._lost = False  # guarded by _lock
        self._observer: BaseObserver = Observer()
        self._watched: dict[str, tuple[tuple[int, int], ObservedWatch]] = {}
        self._refused: set[str] = set()
        self._overflows = _OverflowHandler(self._note_lost)

    def start(self) -> None:
        """Begin to watch."""
        # A directory created while watchdog looks for directories is found twice. That does no harm, but watchdog warns
        # of it, each time with a text that names every directory.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        logging.getLogger(WATCHDOG_LOGGER).addHandler(self._overflows)
        self._observer.start()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        logging.getLogger(WATCHDOG_LOGGER).removeHandler(self._overflows)
        self._observer.stop()
        self._observer.join()

    def take(self) -> set[str] | None:
        """The directories that changed since the last call; None where any may have.

        So it is at first, when a root has appeared, after an overflow, where the system refuses to watch, and now and
        then all the same.
        """
        self._watch_anew_if_lost()
        if self._follow_roots():
            self.expect_anything()
        now = time.monotonic()
        with self._lock:
            changed, self._changed = self._changed, set()
            self._walk_took = self._walk_took or now - self._walk_began
            is_due = now >= self._walk_began + max(WALK_SECONDS, WALK_SHARE * self._walk_took)
            if not (self._anything or self._refused or is_due):
                return changed
            self._anything, self._walk_began, self._walk_took = False, now, 0.0
            return None

    def expect_anything(self) -> None:
        """Make the next `take` say that any directory may have changed."""
        with self._lock:
            self._anything = True

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note where something happened."""
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        directories = {path if event.is_directory else path.rpartition(os.sep)[0] for path in paths}
        with self._lock:
            self._changed |= directories
            # A root that is made again may get the number of the one that went, and so look like it.
            self._lost |= isinstance(event, DirDeletedEvent | DirMovedEvent) and paths[0] in self.roots
        self._nudge()

    def _note_lost(self) -> None:
        with self._lock:
            self._lost = True
        self._nudge()

    def _watch_anew_if_lost(self) -> None:
        """After an overflow, or when a root went: watch before walking, so that nothing is made unseen in between."""
        with self._lock:
            lost, self._lost = self._lost, False
        if lost:
            for _, watch in self._watched.values():
                self._observer.unschedule(watch)
            self._watched.clear()
            self.expect_anything()

    def _follow_roots(self) -> bool:
        """Watch the roots that are there now; whether one of them is new."""
        return bool([root for root in self.roots if self._follow(root)])

    def _follow(self, root: str) -> bool:
        identity = _identity(root)
        watched = self._watched.get(root)
        if watched and watched[0] == identity:
            return False
        if watched:
            del self._watched[root]
            self._observer.unschedule(watched[1])
        if identity is None:
            return False
        try:
            self._watched[root] = identity, self._observer.schedule(self, root, recursive=True, event_filter=EVENTS)
            self._refused.discard(root)
        except OSError as error:
            self._note_refused(root, error)
        return True

    def _note_refused(self, root: str, error: OSError) -> None:
        if root not in self._refused:
            log.warning(
                "The system refuses to watch %s (%s); it is walked through at each scrape instead. Raise"
                " fs.inotify.max_user_watches to spare that work.",
                root, error.strerror,
            )  # fmt: skip
        self._refused.add(root)


def _identity(root: str) -> tuple[int, int] | None:
    try:
        status = Path(root).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class _OverflowHandler(logging.Handler):
    """Hears watchdog say that events were lost: it tells its log, and nobody else."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost = lost

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage():
            self._lost()
