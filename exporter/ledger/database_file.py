"""Files of SQLite: whether one is damaged, and copies of one that is written."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path


def read_only_address(path: Path) -> str:
    """The address by which SQLite only reads a file, and never creates it: also where it cannot write next to it."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    # SQLite cannot create the files by which it coordinates with a writer; a file without a log has none.
    is_writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return address if is_writable or path.with_name(f"{path.name}-wal").exists() else f"{address}&immutable=1"


def connect_read_only(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """A connection that only reads a file; with `any_thread`, threads may take turns with it. Raises sqlite3.Error."""
    return sqlite3.connect(read_only_address(path), uri=True, check_same_thread=not any_thread)


def damage(path: Path, *, thorough: bool = False) -> str | None:
    """The corruption that SQLite finds in a ledger; None if it is intact or does not exist.

    A thorough check also compares indexes with tables, which takes five times as long.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    address = f"{path.absolute().as_uri()}?mode=rw"  # never creates it
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            check = "integrity_check" if thorough else "quick_check"
            found = str(connection.execute(f"PRAGMA {check}(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return None if isinstance(error, sqlite3.OperationalError) else str(error)
    return None if found == "ok" else found


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Copy an open ledger to a new file that only its owner can read, also while it is written.

    What is there, such as half a copy that a power cut has left, is replaced.
    """
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    with closing(sqlite3.connect(path)) as target:
        connection.backup(target)
