"""Reading the ledger of an exporter that may be running, without locking it and without what writes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from exporter.ledger import queries
from exporter.ledger.failures import LedgerError
from exporter.ledger.migration import migrate
from exporter.ledger.read_only import read_only_connection
from exporter.ledger.reader import LedgerReader


@contextmanager
def read_ledger(data_dir: Path) -> Iterator[LedgerReader | None]:
    """The ledger in a data directory, read without locking it, also while its exporter runs; None if there is none.

    Raises LedgerError if it is of another version or cannot be read.
    """
    with read_only_connection(data_dir) as connection:
        yield LedgerReader(connection, label_limit=0) if connection else None


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
