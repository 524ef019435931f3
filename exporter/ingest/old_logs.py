"""Compresses the hook logs of sessions that have been silent for long, once all of it is counted."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import chain
from typing import NamedTuple

from exporter.ingest.meter import Meter
from exporter.ledger.failures import LedgerWriteError
from exporter.model.old_logs import Handled
from exporter.sources.files import LogFile, log_files, session_directories
from exporter.sources.known_files import KnownFile
from exporter.sources.lines import continues
from exporter.sources.log_compression import compress, is_settled, may_be_appended_to, opened_directory, rotate

SETTLE_SECONDS = 600.0  # far more than a hook has to write its line
# The meter while it reads nothing, for a moment; None once it must not be used any more.
IdleMeter = Callable[[], AbstractContextManager[Meter | None]]


class Result(NamedTuple):
    """A log, what has happened to it, and why that failed."""

    path: str
    handled: Handled
    reason: str = ""


class OldLogs:
    """The hook logs of sessions without a write for some time, which the exporter of their ledger keeps small."""

    def __init__(self, idle_meter: IdleMeter, keep_seconds: int, settle_seconds: float = SETTLE_SECONDS) -> None:
        self._idle_meter = idle_meter
        self._keep_us = keep_seconds * 1_000_000
        self._settle_seconds = settle_seconds

    def handle_all(self) -> Iterator[Result]:
        """Compress what is to be compressed now, a file at a time; a failure costs its directory alone."""
        with self._idle_meter() as meter:
            if meter is None or not _is_complete(meter):
                return
            roots, before_ns = meter.roots, (meter.clock() - self._keep_us) * 1000
        for directory in chain.from_iterable(map(session_directories, roots)):
            try:
                yield from self._handle(directory, before_ns)
            except (OSError, LedgerWriteError) as error:
                yield Result(directory, Handled.FAILED, _reason(error))

    def _handle(self, path: str, before_ns: int) -> Iterator[Result]:
        files = log_files(path)
        plain = [file for file in files if not file.is_compressed]
        if not plain or any(file.modified_ns >= before_ns for file in files) or os.path.islink(path):  # noqa: PTH114 - one of thousands
            return
        known = self._known(path)
        with opened_directory(path) as directory:
            for file in plain:
                if not (is_counted(file, known) and continues(file, known[file.name].position)):
                    continue
                if may_be_appended_to(file.name):
                    self._note(file, KnownFile(rotate(directory, file), known[file.name].position))
                elif is_settled(directory, file, self._settle_seconds):
                    self._note(file, KnownFile(compress(directory, file), known[file.name].position))
                    yield Result(file.path, Handled.COMPRESSED)

    def _known(self, directory: str) -> Mapping[str, KnownFile]:
        """The files of a directory as the ledger has them, in which nothing is uncommitted now."""
        with self._idle_meter() as meter:
            return meter.ledger.known_files(directory) if meter and _is_complete(meter) else {}

    def _note(self, before: LogFile, known: KnownFile) -> None:
        """Have the ledger know a file by its new name. Without that, it is recognized by its content."""
        with self._idle_meter() as meter:
            if meter:
                meter.ledger.rename_file(before, known)


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
