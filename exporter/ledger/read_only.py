"""Connections to the ledger of an exporter that may be running, which they do not lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from exporter.ledger.database_file import connect_read_only
from exporter.ledger.failures import LedgerError
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.schema import VERSION, version


@contextmanager
def read_only_connection(data_dir: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection to the ledger in a data directory, all of whose reads see the same state; None if there is none.

    Raises LedgerError if it is of another version or cannot be read.
    """
    path = data_dir / FILE_NAME
    connection = open_read_only(path)
    if connection is None:
        yield None
        return
    try:
        with closing(connection):
            connection.execute("BEGIN")  # all reads see the same state
            yield connection
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def open_read_only(path: Path, *, any_thread: bool = False) -> sqlite3.Connection | None:
    """Open a ledger to read it, also where its directory cannot be written; None if there is none.

    With `any_thread`, threads may take turns with the connection. Raises LedgerError if the ledger is of another
    version or cannot be read.
    """
    if not _exists(path):
        return None
    try:
        connection = connect_read_only(path, any_thread=any_thread)
        try:
            found = version(connection)
        except sqlite3.Error:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    if found != VERSION:
        connection.close()
        raise LedgerError(
            f"The ledger {path} is of another version of hookmeter; restart the exporter in this version."
        )
    return connection


def _unreadable(path: Path, error: sqlite3.Error) -> LedgerError:
    return LedgerError(f"The ledger {path} cannot be read ({error}).")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a directory above may not be entered
        raise LedgerError(f"The ledger {path} cannot be read ({error.strerror}).") from error
