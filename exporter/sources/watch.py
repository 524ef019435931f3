"""Watches log directories for changes. An optimization only: regular walks find what the watch misses."""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Sequence

from watchdog.events import (
    DirAttribEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver, ObservedWatch

from exporter.model.file_stamp import file_identity
from exporter.model.log import logger
from exporter.sources.inotify import new_observer, refusal

log = logger(__name__)
# Not all kinds of events: that of opening a file would trigger the reader by its own reads.
EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent, FileModifiedEvent, FileMovedEvent, FileDeletedEvent,
    DirCreatedEvent, DirMovedEvent, DirDeletedEvent,
    FileAttribEvent, DirAttribEvent,  # of permissions, for example
]  # fmt: skip
# Some changes raise no event: on network and shared file systems, behind links, or beyond the system's limit.
WALK_SECONDS = 30.0
WALK_PAUSE_FACTOR = 100  # a long walk is followed by a pause that is a hundred times as long
RETRY_SECONDS = 60.0  # after which the system is asked again for what it has refused
WATCHDOG_LOGGER = "watchdog.observers"


class Watch(FileSystemEventHandler):
    """Collects the directories with changes. A root may appear, vanish or be replaced at any time."""

    def __init__(self, roots: Sequence[str], nudge: Callable[[], None]) -> None:
        self.roots = roots
        self._nudge = nudge
        self._lock = threading.Lock()
        self._changed: set[str] = set()  # guarded by _lock
        self._all_changed = True  # guarded by _lock
        self._walk_started = 0.0  # guarded by _lock
        self._walk_seconds: float | None = None  # guarded by _lock; None while a walk continues
        self._lost_events = False  # guarded by _lock
        self._refused = False  # guarded by _lock
        self._retry_at = 0.0
        self._warned = False
        self._observer: BaseObserver | None = None
        self._watched: dict[str, tuple[tuple[int, int], ObservedWatch]] = {}
        self._overflows = _OverflowHandler(self._note_lost_events)

    def start(self) -> None:
        """Start the observer thread, if the system has what it needs."""
        # watchdog finds a directory twice that is created while it lists directories. That is harmless, but it logs a
        # warning with the name of every directory each time.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        logging.getLogger(WATCHDOG_LOGGER).addHandler(self._overflows)
        self._start_observer()

    def stop(self) -> None:
        """Stop the observer thread and wait for its end."""
        logging.getLogger(WATCHDOG_LOGGER).removeHandler(self._overflows)
        self._stop_observer()

    def changed_directories(self) -> set[str] | None:
        """The directories that changed since the last call; None if any directory may have changed.

        It is None at first, when a root has appeared, after an overflow, if the system refuses to watch, and at regular
        intervals.
        """
        self._restart_after_loss()
        self._retry_refused()
        if self._watch_roots():
            self.mark_all_changed()
        now = time.monotonic()
        with self._lock:
            changed, self._changed = self._changed, set()
            is_due = now >= self._walk_started + max(WALK_SECONDS, WALK_PAUSE_FACTOR * (self._walk_seconds or 0))
            if not (self._all_changed or self._refused or is_due):
                return changed
            self._all_changed, self._walk_started, self._walk_seconds = False, now, None
            return None

    def note_read(self) -> None:
        """Note that what was reported last has been read; a walk has taken until now."""
        with self._lock:
            if self._walk_seconds is None:
                self._walk_seconds = time.monotonic() - self._walk_started

    def mark_all_changed(self) -> None:
        """Make the next `changed_directories` return None."""
        with self._lock:
            self._all_changed = True

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note the directory of the event, and of a move's destination."""
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        directories = {path if event.is_directory else path.rpartition(os.sep)[0] for path in paths}
        with self._lock:
            self._changed |= directories
            self._all_changed |= isinstance(event, DirAttribEvent)  # what is below may have become readable
            # A recreated root may get the inode of the removed one, and so be taken for it.
            self._lost_events |= isinstance(event, DirDeletedEvent | DirMovedEvent) and paths[0] in self.roots
        self._nudge()

    def _note_lost_events(self) -> None:
        with self._lock:
            self._lost_events = True
        self._nudge()

    def _restart_after_loss(self) -> None:
        """Watch all roots again after an overflow or the removal of a root, before the walk looks for changes."""
        with self._lock:
            lost, self._lost_events = self._lost_events, False
        if lost:
            for _, watch in self._watched.values():
                self._unschedule(watch)
            self._watched.clear()
            self.mark_all_changed()

    def _retry_refused(self) -> None:
        """Ask the system for all watches again, some time after it has refused one."""
        with self._lock:
            if not self._refused or time.monotonic() < self._retry_at:
                return
            self._refused = False
        self._stop_observer()
        self._watched.clear()
        self._start_observer()
        self._watch_roots()
        self.mark_all_changed()
        if self._warned and not self._refused:
            log.warning("All directories are watched again.")
            self._warned = False

    def _unschedule(self, watch: ObservedWatch) -> None:
        if self._observer:
            self._observer.unschedule(watch)

    def _start_observer(self) -> None:
        try:
            observer = new_observer(self._note_refused)
            observer.start()
        except (OSError, RuntimeError) as error:  # no inotify instance, no file descriptor or no thread is left
            self._note_refused("any directory", error)
        else:
            self._observer = observer

    def _stop_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer:
            observer.stop()
            observer.join()

    def _watch_roots(self) -> bool:
        """Watch the roots that exist now; whether one of them is new."""
        return bool([root for root in self.roots if self._watch_root(root)])

    def _watch_root(self, root: str) -> bool:
        identity = file_identity(root)
        watched = self._watched.get(root)
        if self._observer is None or (watched and watched[0] == identity):
            return False
        if watched:
            del self._watched[root]
            self._unschedule(watched[1])
        if identity is None:
            return False
        try:
            self._watched[root] = identity, self._observer.schedule(self, root, recursive=True, event_filter=EVENTS)
        except FileNotFoundError:
            pass  # removed just now
        except (OSError, RuntimeError) as error:
            self._note_refused(root, error)
        return True

    def _note_refused(self, where: str, error: Exception) -> None:
        """Search all directories in every scrape from now on; only the first reason is logged."""
        with self._lock:
            self._refused, self._retry_at = True, time.monotonic() + RETRY_SECONDS
            is_known, self._warned = self._warned, True
        if not is_known:
            log.warning("%s", refusal(where, error))
        self._nudge()


class _OverflowHandler(logging.Handler):
    """Calls `note_lost_events` when watchdog reports an overflow, which it does only in its log."""

    def __init__(self, note_lost_events: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._note_lost_events = note_lost_events

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage():
            self._note_lost_events()
