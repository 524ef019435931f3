"""The ends of runs: each is in a file until the database has it, so that neither an outage nor a restart loses it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import msgspec

from chatserver.storage.failure_log import FailureLog
from chatserver.storage.unavailable import UNAVAILABLE
from chatserver.tasks.feed import ChangeFeed
from chatserver.tasks.outcomes import SERVER_FAILED, failed_outcome
from chatserver.tasks.records import Outcome, Spent, Task
from chatserver.tasks.store import TaskStore
from chatserver.threads.offload import offload
from exporter.model.log import logger

log = logger(__name__)
DIRECTORY = "unstored_ends"
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)  # and the last again and again


class Endings:
    """Stores how runs ended. Any thread may call it."""

    def __init__(self, directory: Path, store: TaskStore, feed: ChangeFeed) -> None:
        self._directory = directory
        self._store = store
        self._feed = feed
        self._closing = threading.Event()

    def record(self, run: Task, outcome: Outcome) -> None:
        """Store how a run ended, as soon as the database answers; after `close`, the next server does."""
        file = self._file(run)
        try:
            offload(partial(_write, file, outcome))
        except OSError as error:
            fix = "make it writable and the disk less full, or a restart may lose the result"
            log.warning("%s cannot be written (%s); %s.", file, error.strerror, fix)
        failures, work = FailureLog(log), f"The outcome of task {run.task_id} could not be stored"
        for seconds in chain(RETRY_SECONDS, repeat(RETRY_SECONDS[-1])):
            try:
                self._store_outcome(run, outcome)
            except UNAVAILABLE as error:
                failures.note_failure(work, error)
                if self._closing.wait(seconds):
                    return
            else:
                failures.note_success(work)
                file.unlink(missing_ok=True)
                return

    def kept(self, run: Task) -> Outcome | None:
        """How a run ended that the database does not have, None if it did not end by itself."""
        try:
            return msgspec.json.decode(self._file(run).read_bytes(), type=Outcome)
        except (OSError, msgspec.DecodeError):
            return None

    def remove_stored(self, unfinished: Callable[[], Iterable[Task]]) -> None:
        """Remove files whose end the database has, since a server was killed before it removed them."""
        files = tuple(self._directory.glob("*.json"))
        needed = {self._file(task) for task in unfinished()}
        for file in files:
            if file not in needed:
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """Retry no more."""
        self._closing.set()

    def _store_outcome(self, run: Task, outcome: Outcome) -> None:
        try:
            task = self._store.finish_run(run, outcome)
        except UNAVAILABLE:
            raise
        except Exception:  # whatever is wrong with the outcome, the task must not stay in the status running
            log.exception("The outcome of task %s cannot be stored.", run.task_id)
            task = self._store.finish_run(run, failed_outcome(SERVER_FAILED, Spent(is_known=False)))
        if task:
            self._feed.publish_change(task)

    def _file(self, run: Task) -> Path:
        return self._directory / f"{run.task_id}.{run.attempts}.json"


def _write(file: Path, outcome: Outcome) -> None:
    """Write a file as a whole, readable by its owner only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(msgspec.json.encode(outcome))
            opened.flush()
            os.fsync(opened.fileno())
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
