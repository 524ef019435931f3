"""Removes what sessions are called from a ledger, also while its exporter runs: no total depends on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from exporter.ledger import queries
from exporter.ledger.failures import LedgerError
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.kept_copy import kept_path
from exporter.ledger.migration import migrate
from exporter.ledger.schema import VERSION, version

WAIT_SECONDS = 30.0


def remove_titles(data_dir: Path, sessions: Collection[str]) -> int:
    """Remove the titles and first prompts of sessions, and return how many had one. Raises LedgerError."""
    path = data_dir / FILE_NAME
    removed = _remove_titles(path, sessions) if path.exists() else 0
    if (kept := kept_path(path)).exists():
        _remove_titles(kept, sessions, is_copy=True)
    return removed


def _remove_titles(path: Path, sessions: Collection[str], *, is_copy: bool = False) -> int:
    address = f"{path.absolute().as_uri()}?mode=rw"  # never creates it
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
            if is_copy:  # which may be that of an older version
                migrate(connection)
            if version(connection) != VERSION:
                raise LedgerError(f"The ledger {path} is of another version of hookmeter; start the exporter first.")
            connection.execute("PRAGMA secure_delete = ON")
            ids = (json.dumps(list(sessions)),)
            connection.execute("BEGIN IMMEDIATE")
            removed = connection.execute(queries.CLEAR_LISTED_TITLES, ids).rowcount
            connection.execute(queries.DELETE_TITLES, ids)
            connection.execute(queries.DELETE_FIRST_PROMPTS, ids)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return removed
    except sqlite3.Error as error:
        raise LedgerError(f"The titles in the ledger {path} cannot be removed ({error}); try again.") from error
