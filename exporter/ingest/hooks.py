"""Hook logs into the batch at hand: what is new in the folders of sessions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain

from exporter.counting.rules import SessionCount
from exporter.ingest.batch_writer import PAUSE_FOLDERS, Intake
from exporter.ingest.helper_process import Part, Places, SecondReader
from exporter.sources.directory_reader import read_folder
from exporter.sources.files import LogFile, log_files, printable, session_folders
from exporter.sources.lines import Position


class HookIntake:
    """Reads the session folders of several roots."""

    def __init__(self, roots: tuple[str, ...], intake: Intake) -> None:
        self._roots = roots
        self._intake = intake

    def read(self, folders: Iterable[str] | None) -> Iterator[int]:
        """Take in what is new in these folders, in all of them if none are named; yields as Meter.refresh does."""
        intake = self._intake
        walked = chain.from_iterable(map(session_folders, self._roots)) if folders is None else folders
        before = intake.ledger.changes
        with SecondReader() as second:
            for number, places in enumerate(self._by_session(walked), start=1):
                if number % PAUSE_FOLDERS == 0:
                    yield 0
                if intake.ledger.changes > before and second.is_free and self._is_new(places):
                    second.hand_over(places)
                else:
                    yield from self._read(places)
                for part in second.finished():
                    yield from self._merge(part)
            for rest in second.rest():
                yield from self._merge(rest) if rest else (0,)

    def _by_session(self, folders: Iterable[str]) -> Iterator[Places]:
        """The folders that are read together: a root by itself, else all of one name, whichever root they lie in."""
        names: dict[str, None] = {}
        for folder in folders:
            parent, _, name = folder.rpartition(os.sep)
            if folder in self._roots:
                yield (folder,)
            elif parent in self._roots:
                names[name] = None
        for name in names:
            yield tuple(f"{root}{os.sep}{name}" for root in self._roots)

    def _is_new(self, folders: Places) -> bool:
        """Whether nothing in the folders was ever read, or failed to be."""
        known, unreadable = self._intake.ledger.known_files, self._intake.unreadable
        return not any(folder in unreadable or known(folder) for folder in folders)

    def _merge(self, part: Part) -> Iterator[int]:
        """Take in what the second reader has read, where nothing was heard of its sessions in the meantime."""
        if all(self._begin(session_id).is_new for session_id in part.batch.sessions):
            self._intake.batch.merge(part.batch)
            yield from self._intake.commit_full()
        else:
            part.left.extend(part.taken)
        for places in part.left:
            yield from self._read(places)

    def _read(self, folders: Places) -> Iterator[int]:
        """Read folders to their end, yielding after each commit on the way."""
        intake, session_id = self._intake, printable(folders[0].rpartition(os.sep)[2])
        changed: dict[LogFile, Position] = {}
        for folder in folders:
            try:
                changed |= intake.unread(folder, log_files(folder))
                intake.note_readable(folder)
            except OSError as error:
                intake.note_unreadable(folder, error)
        while changed:
            count = self._begin(session_id)
            try:
                read = read_folder(changed, session_id, fresh=count.is_new)
            except OSError as error:
                intake.note_unreadable(folders[0], error)
                return
            intake.batch.take(read, count, self._begin)
            yield from intake.commit_full()
            changed = dict(read.positions) if read.more else {}

    def _begin(self, session_id: str) -> SessionCount:
        """A session as it stands after the batch at hand."""
        return self._intake.batch.sessions.get(session_id) or self._intake.ledger.begin(session_id)
