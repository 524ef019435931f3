"""The database: its tables, and that no update is ever lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from pathlib import Path
from queue import Queue
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update

from chatserver.storage.database import Database, DatabaseError, open_database
from chatserver.storage.location import database_url as url_of
from chatserver.storage.schema import REVISION, metadata, servers

HANG_SECONDS = 120
THREADS, UPDATES = 8, 25


def test_the_migrations_make_what_the_schema_says(database: Database) -> None:
    def compare(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert database.run(compare) == []


def test_the_schema_names_the_newest_revision(database: Database) -> None:
    found = database.run(lambda connection: MigrationContext.configure(connection).get_current_revision())
    assert found == REVISION


def test_a_database_of_a_later_version_is_refused(database_url: str) -> None:
    with open_database(database_url) as database:
        database.run(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(DatabaseError, match="Can't locate revision identified by '9999'"), open_database(database_url):
        pass


def test_it_is_opened_again_as_it_was(database_url: str) -> None:
    with open_database(database_url) as database:
        database.run(lambda connection: connection.execute(insert(servers).values(server="a", host="h", seen_us=1)))
    with open_database(database_url) as database:
        assert database.run_read_only(lambda connection: connection.scalar(select(servers.c.host))) == "h"


def test_text_is_stored_in_a_database_without_an_encoding(postgres_directory: str) -> None:
    name = f"ascii_{uuid.uuid4().hex}"
    with psycopg.connect(host=postgres_directory, user="tests", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with open_database(f"postgresql+psycopg://tests@/{name}?host={postgres_directory}") as database:
        row = insert(servers).values(server="a", host="Größe 📏", seen_us=1)
        database.run(lambda connection: connection.execute(row))
        assert database.run_read_only(lambda connection: connection.scalar(select(servers.c.host))) == "Größe 📏"


def test_what_raises_leaves_nothing_behind(database: Database) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(insert(servers).values(server="a", host="h", seen_us=1))
        raise KeyError

    with pytest.raises(KeyError):
        database.run(fail)
    assert database.run_read_only(lambda connection: connection.execute(select(servers)).all()) == []


def test_no_update_is_lost_where_many_read_and_write_at_once(database: Database) -> None:
    database.run(lambda connection: connection.execute(insert(servers).values(server="a", host="h", seen_us=0)))

    def count(connection: Connection) -> None:
        seen = connection.execute(select(servers.c.seen_us).with_for_update()).scalar_one()
        connection.execute(update(servers).values(seen_us=seen + 1))

    threads = [threading.Thread(target=lambda: [database.run(count) for _ in range(UPDATES)]) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.run_read_only(lambda connection: connection.scalar(select(servers.c.seen_us))) == THREADS * UPDATES


def test_readers_wait_for_no_writer(database: Database) -> None:
    def write_and_read(connection: Connection) -> int:
        connection.execute(insert(servers).values(server="a", host="h", seen_us=1))
        return len(database.run_read_only(lambda reader: reader.execute(select(servers)).all()))

    assert database.run(write_and_read) == 0


def test_a_connection_in_use_when_the_database_is_closed_is_closed_when_its_work_is_done(postgres_url: str) -> None:
    in_use: Queue[Any] = Queue()
    closed = threading.Event()

    def work(connection: Connection) -> None:
        in_use.put(connection.connection.dbapi_connection)
        assert closed.wait(HANG_SECONDS)

    with open_database(postgres_url) as database:
        worker = threading.Thread(target=database.run, args=(work,))
        worker.start()
        connection = in_use.get(timeout=HANG_SECONDS)
    closed.set()
    worker.join()
    assert connection.closed


AMONG_GREENLETS = """
from gevent import monkey
monkey.patch_all()
import sqlite3, sys
import gevent
from sqlalchemy import text
from chatserver.storage.database import open_database
file = sys.argv[1]
ended = []

def write():
    database.run(lambda connection: connection.execute(text("UPDATE servers SET seen_us = 0")))
    ended.append(True)

def refuse(connection):
    raise KeyError("no such thing")

with open_database(f"sqlite:///{file}") as database:
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        writers = [gevent.spawn(write) for _ in range(30)]
        gevent.sleep(0)
        count = text("SELECT count(*) FROM servers")
        print(database.run_read_only(lambda connection: connection.scalar(count)), len(ended))
        other.execute("COMMIT")
    gevent.joinall(writers)
    print(len(ended))
    try:
        database.run(refuse)
    except KeyError as error:
        print(error)
"""


def test_among_greenlets_readers_wait_for_no_writer_and_what_is_raised_is_not_printed(tmp_path: Path) -> None:
    words = [sys.executable, "-c", AMONG_GREENLETS, str(tmp_path / "server.sqlite3")]
    done = subprocess.run(words, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.splitlines(), done.stderr) == (["0 0", "30", "'no such thing'"], "")


def test_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "data" / "server.sqlite3"
    with open_database(f"sqlite:///{file}") as database:
        database.run(lambda connection: connection.execute(insert(servers).values(server="a", host="h", seen_us=1)))
        assert {path.stat().st_mode & 0o077 for path in (file.parent, *file.parent.iterdir())} == {0}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "Invalid --database-url"),
        ("mysql://u:secret@h/db", "use sqlite or postgresql"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/db", "cannot be opened"),
        ("sqlite:////proc/none/server.sqlite3", "cannot be"),
    ],
)
def test_what_cannot_be_opened_is_reported_in_one_sentence_without_its_password(url: str, said: str) -> None:
    with pytest.raises(DatabaseError, match=said) as raised, open_database(url):
        pass
    assert "secret" not in str(raised.value)


def test_without_a_choice_it_is_a_file_in_the_data_directory(tmp_path: Path) -> None:
    assert url_of(None, tmp_path) == f"sqlite:///{tmp_path / 'server.sqlite3'}"
    assert url_of("postgres://u@h/db", tmp_path) == "postgresql+psycopg://u@h/db"
