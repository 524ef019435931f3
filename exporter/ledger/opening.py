"""Opening the ledger: one exporter at a time, and no ledger that this version cannot read is ever touched."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from exporter.ledger.schema import VERSION, migrate, version
from exporter.ledger.store import Ledger
from exporter.model.errors import UserError

log = logging.getLogger(__name__)
FILE_NAME = "ledger.sqlite3"
LOCK_NAME = "ledger.lock"


class LedgerError(UserError):
    """The ledger cannot be used; the message says why and what to do."""


@contextmanager
def open_ledger(data_dir: Path, label_limit: int) -> Iterator[Ledger]:
    """The ledger in a data folder, for this process alone; a corrupt one is set aside and a new one begun.

    Raises LedgerError where another exporter has it, or it is from a newer version, or cannot be opened.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"The data folder {data_dir} cannot be made ({error.strerror}); name another with --data-dir."
        ) from error
    path = data_dir / FILE_NAME
    with _only_one(data_dir):
        _set_aside_if_corrupt(path)
        connection = _connect(path)
        try:
            yield Ledger(connection, label_limit)
        finally:
            connection.close()


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    lock = FileLock(data_dir / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LedgerError(
            f"Another hookmeter has the ledger in {data_dir}; two would count everything twice."
            " Stop it, or give this one a folder of its own with --data-dir."
        ) from error
    except OSError as error:
        raise LedgerError(
            f"The data folder {data_dir} cannot be written ({error.strerror}); name another with --data-dir."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        found = version(connection)
        if found > VERSION:
            raise LedgerError(
                f"The ledger {path} is of version {found}, and this hookmeter knows versions up to {VERSION};"
                " run the newer hookmeter again, or give this one a folder of its own with --data-dir."
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
    except sqlite3.Error as error:
        connection.close()
        raise LedgerError(
            f"The ledger {path} cannot be opened ({error}); check the disk, or name another folder with --data-dir."
        ) from error
    except LedgerError:
        connection.close()
        raise
    return connection


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with a ledger; None where it is sound or does not exist."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        connection = sqlite3.connect(path)
        try:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return None if isinstance(error, sqlite3.OperationalError) else str(error)
    return None if found == "ok" else found


def _set_aside_if_corrupt(path: Path) -> None:
    found = damage(path)
    if found is None:
        return
    aside = path.with_name(f"{path.name}.corrupt-{time.strftime('%Y%m%dT%H%M%S')}")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    log.error(
        "The ledger %s is corrupt (%s). It was set aside as %s, nothing was deleted, and a new one begins:"
        " everything that the logs still hold is counted again from the start.",
        path, found, aside.name,
    )  # fmt: skip
