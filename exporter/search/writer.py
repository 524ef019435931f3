"""Writes the search index: the documents of a part of a file together with the position that follows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from typing import NamedTuple

from exporter.model.text import path_text
from exporter.model.titles import Titles
from exporter.search.documents import Document
from exporter.search.transcript_texts import OpenCalls, Started
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.positions import Position

COMPLETE, KEEP, UPDATED = "complete", "keep_seconds", "updated_us"
WITH_FILES = 0


class Part(NamedTuple):
    """What was read from a file after a position: the documents of whole lines, and the position after them."""

    file: LogFile
    start: Position
    end: KnownFile
    documents: list[Document]
    titles: Titles
    open_calls: OpenCalls


class IndexWriter:
    """The connection to an index that is written. Several processes may write the same index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            raise

    def fact(self, name: str, default: int) -> int:
        """A number that is stored about the index."""
        found = self._execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return int(found[0]) if found else default

    def set_fact(self, name: str, value: int) -> None:
        """Store a number about the index."""
        if self.fact(name, value + 1) != value:
            self._execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def known_files(self) -> dict[str, dict[str, KnownFile]]:
        """The files that were read, by directory and name."""
        found: dict[str, dict[str, KnownFile]] = {}
        rows = self._execute("SELECT directory, name, device, inode, size, modified_ns, position, tail FROM files")
        for *file, offset, tail in rows:
            log = LogFile(*file)
            found.setdefault(log.directory, {})[log.name] = KnownFile(log, Position(offset, tail))
        return found

    def open_calls(self, file: LogFile) -> dict[str, Started]:
        """The calls in a file whose results were not read yet."""
        rows = self._execute(
            "SELECT call_id, tool, open_calls.time_us FROM open_calls JOIN files ON files.id = file"
            " WHERE directory = ? AND name = ?",
            _place(file),
        )
        return {call_id: Started(tool, time_us) for call_id, tool, time_us in rows}

    def restart(self, file: LogFile) -> None:
        """Remove the documents of a file whose content was replaced, so that it is read from its start."""
        with self.transaction():
            file_id, _ = self._file(file)
            self._execute("DELETE FROM documents WHERE file = ?", (file_id,))
            self._execute("DELETE FROM open_calls WHERE file = ?", (file_id,))
            self._execute("UPDATE files SET position = 0, tail = x'' WHERE id = ?", (file_id,))

    def add(self, part: Part, forgotten: Callable[[], frozenset[str]]) -> bool:
        """Add a part, without the sessions that are forgotten; False if another process has added it before."""
        with self.transaction():
            file_id, position = self._file(part.file)
            if position != part.start:
                return False
            self._set_position(file_id, part.end)
            left_out = forgotten()  # read within the transaction, as `forget` adds to it before it removes anything
            kept = [document for document in part.documents if document.session not in left_out]
            sessions = self._session_ids(kept)
            self._insert(file_id, kept, sessions)
            self._set_titles(part.titles)
            self._set_open_calls(file_id, part.open_calls)
        return True

    def rename(self, before: KnownFile, file: LogFile) -> KnownFile:
        """Note that a file which was read has another name now; it is returned as it is known then."""
        known = KnownFile(file, before.position)
        with self.transaction():
            file_id, _ = self._file(before.file)
            self._execute("DELETE FROM files WHERE directory = ? AND name = ?", _place(file))
            self._execute("UPDATE files SET name = ? WHERE id = ?", (path_text(file.name), file_id))
            self._set_position(file_id, known)
        return known

    def remove_file(self, file: LogFile, *, keep_documents: bool) -> None:
        """Remove a file that has vanished, with its documents or without."""
        with self.transaction():
            file_id, _ = self._file(file)
            if not keep_documents:
                self._execute("DELETE FROM documents WHERE file = ?", (file_id,))
            self._execute("DELETE FROM open_calls WHERE file = ?", (file_id,))
            self._execute("DELETE FROM files WHERE id = ?", (file_id,))

    def remove_orphans(self, before_us: int) -> int:
        """Remove documents before a time whose files have vanished, and return how many there were."""
        with self.transaction():
            return self._execute(
                "DELETE FROM documents WHERE id < ? AND file NOT IN (SELECT id FROM files)", (before_us // 1000,)
            ).rowcount

    def remove_sessions(self, sessions: Iterable[str]) -> int:
        """Remove all documents of some sessions, and return how many there were."""
        removed = 0
        with self.transaction():
            for session in sessions:
                removed += self._execute(
                    "DELETE FROM documents WHERE session = (SELECT id FROM sessions WHERE session = ?)", (session,)
                ).rowcount
                self._execute("DELETE FROM sessions WHERE session = ?", (session,))
        return removed

    def erase_remains(self) -> bool:
        """Rewrite the file without what was removed; False if a reader keeps the old content for the moment."""
        self._execute("DELETE FROM sessions WHERE id NOT IN (SELECT session FROM documents)")
        self._execute("INSERT INTO texts (texts) VALUES ('optimize')")
        self._execute("VACUUM")
        return not self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def _file(self, file: LogFile) -> tuple[int, Position]:
        """The id of a file, which is added if it is new, and the position up to which it was read."""
        place = _place(file)
        found = self._execute("SELECT id, position, tail FROM files WHERE directory = ? AND name = ?", place).fetchone()
        if found:
            return found[0], Position(*found[1:])
        added = self._execute("INSERT INTO files VALUES (NULL, ?, ?, 0, 0, -1, 0, 0, x'')", place)
        return int(added.lastrowid or 0), Position()

    def _set_position(self, file_id: int, known: KnownFile) -> None:
        file, position = known.file, known.position
        self._execute(
            "UPDATE files SET device = ?, inode = ?, size = ?, modified_ns = ?, position = ?, tail = ? WHERE id = ?",
            (file.device, file.inode, file.size, file.modified_ns, position.offset, position.tail, file_id),
        )

    def _session_ids(self, documents: Iterable[Document]) -> Mapping[str, int]:
        projects = {document.session: document.project for document in documents}
        self._connection.executemany(
            "INSERT INTO sessions (session, project) VALUES (?, ?) ON CONFLICT (session) DO UPDATE"
            " SET project = excluded.project WHERE project <> excluded.project AND excluded.project <> ''",
            projects.items(),
        )
        return {
            session: self._execute("SELECT id FROM sessions WHERE session = ?", (session,)).fetchone()[0]
            for session in projects
        }

    def _insert(self, file_id: int, documents: list[Document], sessions: Mapping[str, int]) -> None:
        """Insert what is new. The ids are the times in milliseconds, or the next free ones."""
        last = 0
        for document in sorted(documents, key=lambda document: document.time_us):
            key = _key(document)
            if self._execute("SELECT 1 FROM documents WHERE key = ?", (key,)).fetchone():
                continue
            last = self._free_id(max(document.time_us // 1000, last + 1))
            row = (
                last, key, sessions[document.session], file_id, document.kind, document.tool, document.agent,
                document.time_us, document.text,
            )  # fmt: skip
            self._execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _free_id(self, number: int) -> int:
        while self._execute("SELECT 1 FROM documents WHERE id = ?", (number,)).fetchone():
            number += 1
        return number

    def _set_titles(self, titles: Titles) -> None:
        rows = [(title, kind, session, kind) for (session, kind), title in titles.items()]
        self._connection.executemany(
            "UPDATE sessions SET title = ?, title_kind = ? WHERE session = ? AND title_kind >= ?", rows
        )

    def _set_open_calls(self, file_id: int, open_calls: OpenCalls) -> None:
        self._execute("DELETE FROM open_calls WHERE file = ?", (file_id,))
        rows = [(file_id, call_id, *started) for call_id, started in open_calls.items()]
        self._connection.executemany("INSERT OR REPLACE INTO open_calls VALUES (?, ?, ?, ?)", rows)


def _place(file: LogFile) -> tuple[str, str]:
    """Where a file is, as the index stores it."""
    return path_text(file.directory), path_text(file.name)


def _key(document: Document) -> int:
    """The same for what a session repeats word for word with one tool, which is found where it came first."""
    text = "\0".join((document.session, document.kind.word, document.tool, document.text))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
