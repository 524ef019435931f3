"""Opening the ledger: for one exporter at a time, and never one of a newer version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from exporter.ledger.failures import LedgerDamagedError
from exporter.ledger.file import LedgerFile
from exporter.ledger.store import Ledger


@contextmanager
def open_ledger(data_dir: Path, label_limit: int) -> Iterator[Ledger]:
    """The ledger in a data directory, locked for this process; a corrupt one is set aside and a new one created.

    Raises LedgerError if another exporter uses it, if it is of a newer version, or if it cannot be opened.
    """
    with LedgerFile(data_dir) as file:
        try:
            ledger = _opened(file, label_limit)
        except LedgerDamagedError as error:
            file.set_aside(str(error))
            ledger = _opened(file, label_limit)
        with closing(ledger):
            yield ledger


def _opened(file: LedgerFile, label_limit: int) -> Ledger:
    connection = file.connect()
    try:
        return Ledger(connection, label_limit, file)
    except BaseException:
        connection.close()
        raise
