"""Ledgers of older versions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.schema import APPLICATION_ID, MIGRATIONS
from exporter.ledger.schema_functions import add_functions


def version_without(table: str) -> int:
    """The last version of the ledger that does not have a table."""
    return next(number for number, script in enumerate(MIGRATIONS) if f"CREATE TABLE {table}" in script)


def version_before(column: str) -> int:
    """The last version of the ledger in which no table has a column."""
    return next(number for number, script in enumerate(MIGRATIONS) if f"ADD COLUMN {column} " in script)


def turn_into(data_dir: Path, version: int) -> None:
    """Turn a ledger into one of an older version with the same content, as far as that has it."""
    path = data_dir / FILE_NAME
    older = path.with_name("older.sqlite3")
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        add_functions(connection)
        connection.executescript(";".join(MIGRATIONS[:version]))
        connection.execute("ATTACH ? AS newer", (str(path),))
        tables = connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            columns = ", ".join(name for _, name, *_ in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
        connection.execute("DETACH newer")
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}")
    for part in path.parent.glob(f"{FILE_NAME}*"):
        part.unlink()
    older.rename(path)
