"""Hook logs into the batch at hand: what is new in the directories of sessions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain

from exporter.counting.rules import SessionCount
from exporter.ingest.batch_writer import PAUSE_DIRECTORIES, Intake
from exporter.ingest.helper_process import Part, Places, SecondReader
from exporter.sources.directory_reader import read_directory
from exporter.sources.files import LogFile, log_files, printable, session_directories
from exporter.sources.lines import Position


class HookIntake:
    """Reads the session directories of several roots."""

    def __init__(self, roots: tuple[str, ...], intake: Intake) -> None:
        self._roots = roots
        self._intake = intake

    def read(self, directories: Iterable[str] | None) -> Iterator[int]:
        """Take in what is new in these directories, in all of them if none are named; yields as Meter.refresh does."""
        intake = self._intake
        walked = chain.from_iterable(map(session_directories, self._roots)) if directories is None else directories
        before = intake.ledger.state.changes
        with SecondReader() as second:
            for number, places in enumerate(self._by_session(walked), start=1):
                if number % PAUSE_DIRECTORIES == 0:
                    yield 0
                if intake.ledger.state.changes > before and second.is_free and self._is_new(places):
                    second.hand_over(places)
                else:
                    yield from self._read(places)
                for part in second.finished():
                    yield from self._merge(part)
            for rest in second.rest():
                yield from self._merge(rest) if rest else (0,)

    def _by_session(self, directories: Iterable[str]) -> Iterator[Places]:
        """The directories that are read together: a root by itself, else all of one name in whichever root."""
        names: dict[str, None] = {}
        for directory in directories:
            parent, _, name = directory.rpartition(os.sep)
            if directory in self._roots:
                yield (directory,)
            elif parent in self._roots:
                names[name] = None
        for name in names:
            yield tuple(f"{root}{os.sep}{name}" for root in self._roots)

    def _is_new(self, directories: Places) -> bool:
        """Whether nothing in the directories was ever read, or failed to be."""
        known, unreadable = self._intake.ledger.known_files, self._intake.unreadable
        return not any(directory in unreadable or known(directory) for directory in directories)

    def _merge(self, part: Part) -> Iterator[int]:
        """Take in what the second reader has read, where nothing was heard of its sessions in the meantime."""
        if all(self._begin(session_id).is_new for session_id in part.batch.sessions):
            self._intake.batch.merge(part.batch)
            yield from self._intake.commit_full()
        else:
            part.left.extend(part.taken)
        for places in part.left:
            yield from self._read(places)

    def _read(self, directories: Places) -> Iterator[int]:
        """Read directories to their end, yielding after each commit on the way."""
        intake, session_id = self._intake, printable(directories[0].rpartition(os.sep)[2])
        changed: dict[LogFile, Position] = {}
        for directory in directories:
            try:
                changed |= intake.unread(directory, log_files(directory))
                intake.note_readable(directory)
            except OSError as error:
                intake.note_unreadable(directory, error)
        while changed:
            count = self._begin(session_id)
            try:
                read = read_directory(changed, session_id, fresh=count.is_new)
            except OSError as error:
                intake.note_unreadable(directories[0], error)
                return
            intake.batch.take(read, count, self._begin)
            yield from intake.commit_full()
            changed = dict(read.positions) if read.more else {}

    def _begin(self, session_id: str) -> SessionCount:
        """A session as it stands after the batch at hand."""
        return self._intake.batch.sessions.get(session_id) or self._intake.ledger.load_session(session_id)
