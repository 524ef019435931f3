"""Opening the ledger: for one exporter at a time, and never one of a newer version."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from exporter.ledger.schema import VERSION, migrate, version
from exporter.ledger.store import Ledger
from exporter.model.errors import UserError

log = logging.getLogger(__name__)
FILE_NAME = "ledger.sqlite3"
LOCK_NAME = "ledger.lock"


class LedgerError(UserError):
    """The ledger cannot be used; the message has the reason and the remedy."""


@contextmanager
def open_ledger(data_dir: Path, label_limit: int) -> Iterator[Ledger]:
    """The ledger in a data directory, locked for this process; a corrupt one is set aside and a new one created.

    Raises LedgerError if another exporter uses it, if it is of a newer version, or if it cannot be opened.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"The data directory {data_dir} cannot be created ({error.strerror}); set another with --data-dir."
        ) from error
    path = data_dir / FILE_NAME
    with _locked(data_dir):
        _set_aside_if_corrupt(path)
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
            _prepare(connection, path)
            yield Ledger(connection, label_limit)


@contextmanager
def read_ledger(data_dir: Path) -> Iterator[Ledger | None]:
    """The ledger in a data directory, read without locking it, also while its exporter runs; None if there is none.

    Raises LedgerError if it is of another version or cannot be read.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
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
            yield Ledger(connection, label_limit=0)
    except sqlite3.Error as error:
        raise LedgerError(f"The ledger {path} cannot be read ({error}).") from error


def _read_only(path: Path) -> str:
    """The address of a ledger that is only read."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    # SQLite cannot create the files by which it coordinates with a writer; a ledger without a log has none.
    is_writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return address if is_writable or path.with_name(f"{path.name}-wal").exists() else f"{address}&immutable=1"


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - takes 30 ms, which commands that only read a ledger save

    lock = FileLock(data_dir / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LedgerError(
            f"Another hookmeter uses the ledger in {data_dir}; two would count everything twice."
            " Stop it, or set another data directory with --data-dir."
        ) from error
    except OSError as error:
        raise LedgerError(
            f"The data directory {data_dir} cannot be written ({error.strerror}); set another with --data-dir."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    path.chmod(0o600)
    try:
        _require_supported(version(connection), path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _copy_before_migration(connection, path)
        migrate(connection)
    except sqlite3.Error as error:
        raise LedgerError(
            f"The ledger {path} cannot be opened ({error}); check the disk, or set another directory with --data-dir."
        ) from error


def _copy_before_migration(connection: sqlite3.Connection, path: Path) -> None:
    """Copy a ledger of an older version to a file next to it, to which one can return with the older hookmeter."""
    found = version(connection)
    if not 0 < found < VERSION:
        return
    copy = path.with_name(f"{path.name}.version-{found}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.touch(mode=0o600)  # so that nobody else can read it while it is written
    unfinished.chmod(0o600)
    with closing(sqlite3.connect(unfinished)) as target:
        connection.backup(target)
    unfinished.rename(copy)
    log.info("The ledger is migrated from version %d to %d; a copy of it is %s.", found, VERSION, copy)


def _require_supported(found: int, path: Path) -> None:
    if found > VERSION:
        raise LedgerError(
            f"The ledger {path} has version {found}, but this hookmeter supports versions up to {VERSION} only;"
            " upgrade hookmeter, or set another data directory with --data-dir."
        )


def damage(path: Path) -> str | None:
    """The corruption that SQLite finds in a ledger; None if it is intact or does not exist."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return None if isinstance(error, sqlite3.OperationalError) else str(error)
    return None if found == "ok" else found


def _set_aside_if_corrupt(path: Path) -> None:
    found = damage(path)
    if found is None:
        return
    aside = path.with_name(f"{path.name}.corrupt-{time.strftime('%Y%m%dT%H%M%S')}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    log.error(
        "The ledger %s is corrupt (%s). It was renamed to %s, and a new one was created:"
        " all lines that are still in the logs are counted again.",
        path, found, aside.name,
    )  # fmt: skip
