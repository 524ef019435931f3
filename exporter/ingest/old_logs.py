"""Compresses or removes the hook logs of sessions that have been silent for long, once all of it is counted."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import chain
from typing import NamedTuple

from exporter.ingest.meter import Meter
from exporter.ledger.failures import LedgerWriteError
from exporter.ledger.kept_copy import new_kept_copy
from exporter.model.old_logs import Handled
from exporter.sources.files import LogFile, log_files, session_directories
from exporter.sources.known_files import KnownFile
from exporter.sources.lines import continues
from exporter.sources.log_compression import (
    compress,
    is_settled,
    may_be_appended_to,
    opened_directory,
    remove,
    remove_unfinished,
    rotate,
)

SETTLE_SECONDS = 600.0  # far more than a hook has to write its line
# The meter while it reads nothing, for a moment; None once it must not be used any more.
IdleMeter = Callable[[], AbstractContextManager[Meter | None]]


class Result(NamedTuple):
    """A log, what has happened to it, and why that failed."""

    path: str
    handled: Handled
    reason: str = ""


class OldLogs:
    """The hook logs of sessions without a write for some time, which the exporter of their ledger keeps small.

    They are compressed, or with `prune` removed.
    """

    def __init__(
        self, idle_meter: IdleMeter, keep_seconds: int, settle_seconds: float = SETTLE_SECONDS, *, prune: bool = False
    ) -> None:
        self._idle_meter = idle_meter
        self._keep_us = keep_seconds * 1_000_000
        self._settle_seconds = settle_seconds
        self._prune = prune

    def handle_all(self) -> Iterator[Result]:
        """Handle what is to be handled now, a file at a time; a failure costs its directory alone."""
        with self._idle_meter() as meter:
            if meter is None or not _is_complete(meter):
                return
            roots, before_ns = meter.roots, (meter.clock() - self._keep_us) * 1000
        removable: list[LogFile] = []
        for directory in chain.from_iterable(map(session_directories, roots)):
            try:
                yield from self._handle(directory, before_ns, removable)
            except (OSError, LedgerWriteError) as error:
                yield Result(directory, Handled.FAILED, _reason(error))
        if removable:
            yield from self._remove(removable)

    def _handle(self, path: str, before_ns: int, removable: list[LogFile]) -> Iterator[Result]:
        files = log_files(path)
        old = [file for file in files if self._prune or not file.is_compressed]
        if not old or any(file.modified_ns >= before_ns for file in files) or os.path.islink(path):  # noqa: PTH114 - one of thousands
            return
        known = self._known(path)
        with opened_directory(path) as directory:
            remove_unfinished(directory)
            for file in old:
                if not (is_counted(file, known) and continues(file, known[file.name].position)):
                    continue
                if may_be_appended_to(file.name):
                    self._rename_in_ledger(file, KnownFile(rotate(directory, file), known[file.name].position))
                elif not is_settled(directory, file, self._settle_seconds):
                    continue
                elif self._prune:
                    removable.append(file)
                else:
                    self._rename_in_ledger(file, KnownFile(compress(directory, file), known[file.name].position))
                    yield Result(file.path, Handled.COMPRESSED)

    def _remove(self, files: Iterable[LogFile]) -> Iterator[Result]:
        """Remove the logs that a new copy of the ledger, which is restored if the ledger is lost, has counted, too."""
        with self._idle_meter() as meter:
            if meter is None or meter.ledger.file_path is None:
                return
            meter.ledger.checkpoint()
            path = meter.ledger.file_path
        try:
            with new_kept_copy(path) as kept:
                for file in files:
                    if is_counted(file, kept.known_files(file.directory)):
                        yield _removed(file)
        except (OSError, LedgerWriteError) as error:
            yield Result(str(path), Handled.FAILED, _reason(error))

    def _known(self, directory: str) -> Mapping[str, KnownFile]:
        """The files of a directory as the ledger has them, in which nothing is uncommitted now."""
        with self._idle_meter() as meter:
            return meter.ledger.known_files(directory) if meter and _is_complete(meter) else {}

    def _rename_in_ledger(self, before: LogFile, known: KnownFile) -> None:
        """Store a file by its new name. Without that, it is recognized by its content."""
        with self._idle_meter() as meter:
            if meter:
                meter.ledger.rename_file(before, known)


def _removed(file: LogFile) -> Result:
    try:
        with opened_directory(file.directory) as directory:
            remove(directory, file)
    except OSError as error:
        return Result(file.path, Handled.FAILED, _reason(error))
    return Result(file.path, Handled.PRUNED)


def is_counted(file: LogFile, known: Mapping[str, KnownFile]) -> bool:
    """Whether every byte of a file is counted. Those of an array never are: it is rewritten as a whole."""
    read = known.get(file.name)
    return read is not None and read.file == file and read.position.offset == file.size


def _is_complete(meter: Meter) -> bool:
    """Whether nothing has to be read again for what the ledger lacks."""
    state = meter.ledger.state
    return not (meter.is_recounting or state.past_is_unread or state.hours_are_unread)


def _reason(error: OSError | LedgerWriteError) -> str:
    if not isinstance(error, OSError):
        return str(error)
    remedy = "; make it writable" if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS} else ""
    return f"{error.strerror or error}{remedy}"
