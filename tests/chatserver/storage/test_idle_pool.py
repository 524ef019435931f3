"""Connections to SQLite are kept between transactions, and shared by many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from sqlalchemy import insert, select

from chatserver.storage.database import Database, open_database
from chatserver.storage.idle_pool import MAX_IDLE
from chatserver.storage.schema import revoked_tokens

THREADS = 3 * MAX_IDLE


def descriptors(path: Path) -> int:
    """How many descriptors of this process the file has."""
    return [opened.path for opened in psutil.Process().open_files()].count(str(path))


def write(database: Database, number: int) -> int:
    row = {"jti": str(number), "expires_us": number}
    database.run(lambda connection: connection.execute(insert(revoked_tokens).values(row)))
    expires = select(revoked_tokens.c.expires_us).where(revoked_tokens.c.jti == str(number))
    return database.run_read_only(lambda connection: connection.scalar(expires)) or 0


def test_many_threads_share_few_connections_and_none_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "server.sqlite3"
    with open_database(f"sqlite:///{path}") as database:
        with ThreadPoolExecutor(THREADS) as threads:
            assert list(threads.map(lambda number: write(database, number), range(1, THREADS))) == [*range(1, THREADS)]
        assert 1 < descriptors(path) <= MAX_IDLE + 1  # one is always open
        before = descriptors(path)
        write(database, THREADS)
        assert descriptors(path) == before
    assert descriptors(path) == 0
