"""What the ledger lacks of the time before the last day, because its exporter was stopped or is far behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from exporter.counting.project_names import labels_of
from exporter.hooks_reader import HooksReader
from exporter.ingest.changed_sessions import Unread
from exporter.ingest.follow import SessionGroup
from exporter.ingest.recent_sessions import CountedSession
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.reader import LedgerReader
from exporter.ledger.reading import read_ledger_or_empty
from exporter.model.file_stamp import file_identity
from exporter.sources.changed_files import changed_files
from exporter.sources.files import LogFile
from exporter.sources.positions import Position
from exporter.sources.unread_times import first_unread_us

FilesOf = Mapping[SessionGroup, Sequence[LogFile]]


class _Uncounted(NamedTuple):
    """The files of a group of which the ledger lacks something old, and the time of the first such line."""

    since_us: int
    files: tuple[LogFile, ...]


class UncountedSessions:
    """Compares files with what the ledger has read of them: each only once, until it changes. Thread-safe.

    Where the ledger has not read all there was at first, it reports that itself, and nothing is compared.
    """

    def __init__(self, data_dir: Path, reader: HooksReader) -> None:
        self._data_dir = data_dir
        self._reader = reader
        self._lock = threading.Lock()  # guards all below
        self._compared: object = None  # the walk and the ledger that were compared last
        self._ledger: object = None
        self._read: set[LogFile] = set()
        self._first_us: dict[tuple[LogFile, Position], int | None] = {}
        self._groups: dict[SessionGroup, _Uncounted] = {}
        self._counted_of: dict[SessionGroup, _Uncounted] = {}
        self._counted: dict[str, CountedSession] = {}

    def since_us(self, list_files: Callable[[], FilesOf], walks: int, before_us: int) -> int | None:
        """The time of the first line that is not counted, if it is before a time; None if there is none.

        `list_files` lists all files as of a number of walks. What was read is looked at again after another walk.
        """
        with self._lock:
            ledger = file_identity(self._data_dir / FILE_NAME)
            if ledger != self._ledger:
                self._ledger, self._read = ledger, set()
            compared = ledger, walks
            if compared == self._compared and not self._groups:
                return None
            files_of = list_files()
            groups = self._groups if compared == self._compared else files_of
            self._groups = self._compare({group: files_of[group] for group in groups if group in files_of}, before_us)
            self._compared = compared
            return min((one.since_us for one in self._groups.values()), default=None)

    def completed(self, unread: Unread) -> Unread:
        """What sessions have, with those that have such lines."""
        older = self._count()
        if not older:
            return unread
        labels = labels_of((one.session for one in older.values()), unread.labels)
        return unread._replace(counted={**unread.counted, **older}, labels=labels)

    def _count(self) -> dict[str, CountedSession]:
        """The sessions with such lines, counted from their files."""
        with self._lock:
            if self._counted_of != self._groups:
                names = {group.session for group in self._groups}
                found = self._reader.counted_sessions(0, lambda group: group.session not in names) if names else []
                self._counted = {one.session.session_id: one for one in found}
                self._counted_of = self._groups
            return self._counted

    def _compare(self, files_of: FilesOf, before_us: int) -> dict[SessionGroup, _Uncounted]:
        changed = {group: files for group, files in files_of.items() if not self._read.issuperset(files)}
        if not changed:
            return {}
        with read_ledger_or_empty(self._data_dir) as ledger:
            if not ledger.state.all_is_read:
                return {}
            unread = {group: dict(self._unread(files, ledger)) for group, files in changed.items()}
        places = {place for positions in unread.values() for place in positions.items()}
        self._first_us = {place: time_us for place, time_us in self._first_us.items() if place in places}
        found = {group: self._uncounted(positions, before_us) for group, positions in unread.items()}
        return {group: one for group, one in found.items() if one}

    def _unread(self, files: Sequence[LogFile], ledger: LedgerReader) -> Iterator[tuple[LogFile, Position]]:
        """The files that the ledger has not read to their ends; all others are noted."""
        known_files = cache(ledger.known_files)
        for file in files:
            if file not in self._read:
                changed = changed_files([file], known_files(file.directory))
                if changed:
                    yield from changed.items()
                else:
                    self._read.add(file)

    def _uncounted(self, positions: Mapping[LogFile, Position], before_us: int) -> _Uncounted | None:
        times = {place: self._first_unread_us(*place) for place in positions.items()}
        old = {file: time_us for (file, _), time_us in times.items() if time_us is not None and time_us < before_us}
        return _Uncounted(min(old.values()), tuple(positions)) if old else None

    def _first_unread_us(self, file: LogFile, position: Position) -> int | None:
        """The time of the first line that is not read; None if there is none, or it cannot be read now."""
        place = file, position
        if place not in self._first_us:
            with suppress(OSError):
                self._first_us[place] = first_unread_us(file, position)
        return self._first_us.get(place)
