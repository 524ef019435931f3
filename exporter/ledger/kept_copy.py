"""A verified copy of the ledger next to it, so that logs may be removed that both have counted.

If the ledger is damaged or lost, the copy is restored, and what was logged since is counted again.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import starmap
from pathlib import Path

from exporter.ledger import queries
from exporter.ledger.database_file import connect_read_only, copy, damage
from exporter.ledger.failures import LedgerWriteError
from exporter.ledger.file_names import KEPT_SUFFIX
from exporter.ledger.file_rows import FileRow
from exporter.model.durable import sync
from exporter.model.log import logger
from exporter.model.text import path_text
from exporter.sources.known_files import KnownFile

log = logger(__name__)
LOGS = ("-wal", "-shm")


class KeptCopy:
    """The copy, opened to look up what it has counted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known_files(self, directory: str) -> Mapping[str, KnownFile]:
        """The files of a directory as they were read, by name."""
        rows = self._connection.execute(queries.SELECT_FILES, (path_text(directory),))
        files = (row.known_file(directory) for row in starmap(FileRow, rows))
        return {known.file.name: known for known in files}


def kept_path(ledger: Path) -> Path:
    """The path of the copy of a ledger."""
    return ledger.with_name(f"{ledger.name}{KEPT_SUFFIX}")


@contextmanager
def new_kept_copy(ledger: Path) -> Iterator[KeptCopy]:
    """Write a copy of a ledger that is in use, in place of an older one, and open it.

    Raises LedgerWriteError, and leaves the older one, if the new one is damaged or lacks what only the older one has.
    """
    kept = kept_path(ledger)
    try:
        _write(ledger, kept)
        with closing(connect_read_only(kept)) as connection:
            yield KeptCopy(connection)
    except sqlite3.Error as error:
        raise LedgerWriteError(f"No copy of the ledger can be written to {kept} ({error}).") from error


def restore_kept(ledger: Path) -> None:
    """Put the copy, if there is one, in the place of a ledger that is missing or empty.

    Raises OSError or sqlite3.Error.
    """
    kept = kept_path(ledger)
    if (ledger.exists() and ledger.stat().st_size) or not kept.exists():
        return
    if found := damage(kept, thorough=True):
        aside = kept.rename(f"{kept}.corrupt-{time.strftime('%Y%m%dT%H%M%S')}")
        log.error("The copy %s of the ledger is corrupt, too (%s); it was renamed to %s.", kept, found, aside.name)
        return
    unfinished = ledger.with_name(f"{ledger.name}.unfinished")
    with closing(connect_read_only(kept)) as connection:
        copy(connection, unfinished)
    with closing(sqlite3.connect(unfinished)) as restored, restored:
        restored.execute(queries.SKIP_COMMITS)
    for suffix in LOGS:
        ledger.with_name(f"{ledger.name}{suffix}").unlink(missing_ok=True)
    unfinished.replace(ledger)
    sync(ledger.parent)
    log.error(
        "The ledger %s was restored from %s; what was logged since is counted again. To start over, remove both while"
        " hookmeter is stopped.",
        ledger, kept.name,
    )  # fmt: skip


def _write(ledger: Path, kept: Path) -> None:
    unfinished = kept.with_name(f"{kept.name}.unfinished")
    try:
        with closing(connect_read_only(ledger)) as connection:
            copy(connection, unfinished)
        with closing(sqlite3.connect(unfinished)) as copied:
            copied.execute("PRAGMA journal_mode = DELETE")  # no file but this one
        if found := damage(unfinished, thorough=True):
            raise LedgerWriteError(f"The copy of the ledger is damaged ({found}); check the ledger and the disk.")
        if kept.exists() and (lost := _only_in(kept, unfinished)):
            raise LedgerWriteError(
                f"The ledger lacks what {kept} has counted of {lost}, which is gone: stop hookmeter, then move"
                f" {ledger.name} away to have that copy restored, or remove the copy if you do not need it."
            )
        sync(unfinished)
        unfinished.replace(kept)
        sync(kept.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _only_in(kept: Path, other: Path) -> str:
    """A file that is gone, and that one ledger has read further than another; empty if there is none."""
    with closing(connect_read_only(kept)) as connection:
        connection.execute("ATTACH ? AS other", (str(other),))
        for directory, name in connection.execute(queries.SELECT_FILES_READ_FURTHER):
            path = os.path.join(directory, os.fsdecode(name))  # noqa: PTH118 - as it is in the ledger
            if not os.path.lexists(path):
                return path
    return ""
