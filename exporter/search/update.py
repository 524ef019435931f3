"""Brings the search index up to date with what is on disk: adds what is new, removes what has vanished."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from exporter.model.clock import now_us
from exporter.model.since import FOREVER
from exporter.model.text import path_text
from exporter.search.forgotten import forgotten_sessions
from exporter.search.index_file import DamagedIndexError, writable_index
from exporter.search.parts import TranscriptCheck, hook_parts, transcript_parts
from exporter.search.writer import COMPLETE, KEEP, UPDATED, WITH_FILES, IndexWriter, Part
from exporter.sources.files import LogFile, log_file, log_files, session_directories
from exporter.sources.known_files import KnownFile, is_unrotated, unrotated
from exporter.sources.lines import continues
from exporter.sources.positions import Position
from exporter.sources.transcript_files import project_directories, transcripts
from exporter.sources.transcript_survey import Survey

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Sources:
    """The directories of hook logs and of transcripts, absolute."""

    sessions_dirs: tuple[str, ...]
    transcript_roots: tuple[str, ...]


class IndexUpdate:
    """One update of an index. Files that cannot be read are left for the next one, as the exporter reports them.

    Several processes may update one index at the same time.
    """

    def __init__(self, connection: sqlite3.Connection, data_dir: Path, sources: Sources) -> None:
        self._writer = IndexWriter(connection)
        self._forgotten = partial(forgotten_sessions, data_dir)
        self._sources = sources
        self._known = self._writer.known_files()
        self._listed: set[tuple[str, str]] = set()
        self._removed = False
        self._shared = False  # with another process that updates the index

    def steps(self) -> Iterator[int]:
        """Update the index, yielding the number of bytes that were read after each step. Raises sqlite3.Error."""
        for root in self._sources.transcript_roots:
            with suppress(OSError):
                for project in project_directories(root):
                    yield from self._read_project(project)
        is_read = TranscriptCheck(self._sources.transcript_roots)
        for root in self._sources.sessions_dirs:
            for directory in session_directories(root):
                yield from self._read_hook_logs(directory, is_read)
        self._remove_vanished()
        if not self._shared:
            self._writer.set_fact(COMPLETE, 1)
        self._writer.set_fact(UPDATED, now_us())

    def _read_project(self, project: str) -> Iterator[int]:
        unread = self._unread(transcripts(project, lambda _error: None))
        survey = Survey()
        surveyed = survey.add(project, unread) if unread else []
        sessions = survey.sessions({})
        for one in sessions.in_order(surveyed):
            open_calls = self._writer.open_calls(one.file)
            yield from self._add(transcript_parts(one, unread[one.file], sessions, open_calls))

    def _read_hook_logs(self, directory: str, is_read: TranscriptCheck) -> Iterator[int]:
        try:
            unread = self._unread(log_files(directory))
        except OSError:
            return
        for file, position in unread.items():
            yield from self._add(hook_parts(file, position, is_read))

    def _unread(self, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The new and changed files; those whose content was replaced are read from the start."""
        unread: dict[LogFile, Position] = {}
        files = list(files)
        for file in files:
            self._recognize_renamed(file)
        for file in files:
            directory, name = path_text(file.directory), path_text(file.name)
            self._listed.add((directory, name))
            known = self._known.get(directory, {}).get(name)
            if known is None or known.file != file:
                unread[file] = known.position if known else Position()
        for file, position in unread.items():
            if position.offset and not _still_continues(file, position):
                self._writer.restart(file)
                self._removed = True
                unread[file] = Position()
        return unread

    def _recognize_renamed(self, file: LogFile) -> None:
        """Keep the documents of a hook log that has another name now, as one that was rotated or compressed."""
        names = self._known.get(path_text(file.directory), {})
        if path_text(file.name) in names or is_unrotated(file.name):
            return
        for before in (known for name, known in names.items() if unrotated(name) == unrotated(file.name)):
            if before.position.offset and _still_continues(file, before.position) and not _is_there(before):
                renamed = self._writer.rename(before, file)
                del names[before.file.name]
                names[path_text(file.name)] = renamed
                return

    def _add(self, parts: Iterator[Part]) -> Iterator[int]:
        while part := _next_part(parts):
            if not self._writer.add(part, self._forgotten):
                self._shared = True
                return
            yield part.end.position.offset - part.start.offset

    def _remove_vanished(self) -> None:
        """Remove the documents of files that are gone, unless they are to be kept for some time."""
        keep_seconds = self._writer.fact(KEEP, WITH_FILES)
        for directory, names in self._known.items():
            for name, known in names.items():
                if (directory, name) not in self._listed and _is_gone(known):
                    self._writer.remove_file(known.file, keep_documents=keep_seconds != WITH_FILES)
                    self._removed |= keep_seconds == WITH_FILES
        if keep_seconds != FOREVER:
            removed = self._writer.remove_orphans(now_us() - keep_seconds * SECOND_US)
            self._removed |= removed > 0
        if self._removed:
            self._writer.erase_remains()


def update_index(data_dir: Path, sources: Sources, keep_seconds: int | None = None) -> None:
    """Bring the index up to date; a damaged one is built again. Raises SearchIndexError.

    `keep_seconds` changes how long texts are kept whose files are deleted.
    """
    try:
        _update(data_dir, sources, keep_seconds)
    except DamagedIndexError:
        _update(data_dir, sources, keep_seconds)


def _update(data_dir: Path, sources: Sources, keep_seconds: int | None) -> None:
    with writable_index(data_dir) as connection:
        if keep_seconds is not None:
            IndexWriter(connection).set_fact(KEEP, keep_seconds)
        for _ in IndexUpdate(connection, data_dir, sources).steps():
            pass


def _next_part(parts: Iterator[Part]) -> Part | None:
    try:
        return next(parts, None)
    except OSError:
        return None


def _still_continues(file: LogFile, position: Position) -> bool:
    try:
        return continues(file, position)
    except OSError:
        return True


def _is_there(known: KnownFile) -> bool:
    """Whether a file still has what was read of it."""
    try:
        file = log_file(known.file.directory, known.file.name)
        return file is not None and continues(file, known.position)
    except OSError:
        return True


def _is_gone(known: KnownFile) -> bool:
    try:
        os.lstat(known.file.path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
