"""Adds the hours of calls that a ledger of an older version has counted without them.

Another ledger reads the same files again, each as far as this one had read it at a moment. What this one had then, and
what it lacked, is decided by tables of that moment; what it has counted since is left as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path

from exporter.ledger import hours_rebuild_queries as queries
from exporter.ledger.file_rows import FileRow
from exporter.model.text import path_text
from exporter.sources.known_files import KnownFile


class RereadTooFarError(Exception):
    """A file that is rewritten as a whole has more content than was counted at the moment in question."""


@contextmanager
def attached(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that also has the other ledger, which is in a file, as `reread`."""
    connection.execute("ATTACH ? AS reread", (str(path),))
    try:
        yield connection
    finally:
        connection.execute("DETACH reread")


def write_baseline(connection: sqlite3.Connection, path: Path) -> None:
    """Write to the other ledger what this one has counted by now, and how far it has read each file."""
    with attached(connection, path), connection:
        connection.execute("BEGIN")
        for query in queries.WRITE_BASELINE:
            connection.execute(query)


def files_before(connection: sqlite3.Connection, directory: str) -> Mapping[str, KnownFile]:
    """The files of a directory as they were read by that moment, which the other ledger has, by name."""
    rows = connection.execute(queries.SELECT_FILES_BEFORE, (path_text(directory),))
    files = [row.known_file(directory) for row in starmap(FileRow, rows)]
    return {known.file.name: known for known in files}


def add_missing(connection: sqlite3.Connection, path: Path) -> None:
    """Take over from the other ledger what this one lacked at that moment, in one transaction.

    Raises RereadTooFarError; nothing is changed then.
    """
    with attached(connection, path), connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute(queries.READ_TOO_FAR).fetchone()[0]:
            raise RereadTooFarError
        for query in queries.ADD_MISSING:
            connection.execute(query)
