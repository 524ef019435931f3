"""Brings a ledger to the latest version."""

from __future__ import annotations

import sqlite3

from exporter.ledger.schema import APPLICATION_ID, MIGRATIONS, version
from exporter.ledger.schema_functions import add_functions


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the missing migrations, each in its own transaction."""
    add_functions(connection)
    for done, script in enumerate(MIGRATIONS[version(connection) :], start=version(connection) + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {done}; COMMIT;"
        )
