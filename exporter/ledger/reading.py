"""Reading the ledger of an exporter that may be running, without locking it and without what writes it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from exporter.ledger import queries
from exporter.ledger.file import FILE_NAME, LedgerError
from exporter.ledger.reader import LedgerReader
from exporter.ledger.schema import VERSION, migrate, version


@contextmanager
def read_ledger(data_dir: Path) -> Iterator[LedgerReader | None]:
    """The ledger in a data directory, read without locking it, also while its exporter runs; None if there is none.

    Raises LedgerError if it is of another version or cannot be read.
    """
    with _reading(data_dir / FILE_NAME) as connection:
        yield LedgerReader(connection, label_limit=0) if connection else None


def read_project_labels(data_dir: Path) -> dict[str, str]:
    """The labels of projects, by path, without the rest of the ledger; none if there is none. Raises LedgerError."""
    with _reading(data_dir / FILE_NAME) as connection:
        rows = connection.execute(queries.SELECT_PROJECTS) if connection else ()
        return {path: label for path, label, *_ in rows if path and label}


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    if not _exists(path):
        yield None
        return
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True)) as connection:
            if version(connection) != VERSION:
                raise LedgerError(
                    f"The ledger {path} is of another version of hookmeter; restart the exporter in the version of this"
                    " command."
                )
            connection.execute("BEGIN")  # all reads see the same state
            yield connection
    except sqlite3.Error as error:
        raise LedgerError(f"The ledger {path} cannot be read ({error}).") from error


@contextmanager
def read_ledger_or_empty(data_dir: Path) -> Iterator[LedgerReader]:
    """The ledger in a data directory as `read_ledger` has it; an empty one if there is none that can be read."""
    with ExitStack() as stack:
        found = None
        with suppress(LedgerError):
            found = stack.enter_context(read_ledger(data_dir))
        if found is None:
            found = empty_ledger()
            stack.callback(found.close)
        yield found


def empty_ledger() -> LedgerReader:
    """A ledger in memory, in place of one that does not exist or cannot be read; any thread may use it.

    All of them have the same revision.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate(connection)
    connection.execute(queries.FORGET_CREATED)
    return LedgerReader(connection, label_limit=0)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a directory above may not be entered
        raise LedgerError(f"The ledger {path} cannot be read ({error.strerror}).") from error


def _read_only(path: Path) -> str:
    """The address of a ledger that is only read."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    # SQLite cannot create the files by which it coordinates with a writer; a ledger without a log has none.
    is_writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return address if is_writable or path.with_name(f"{path.name}-wal").exists() else f"{address}&immutable=1"
