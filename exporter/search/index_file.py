"""The file of the search index: for its owner only, and deleted if it is damaged, as it can be built again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from exporter.ledger.database_file import read_only_address
from exporter.ledger.failures import is_damage
from exporter.model.errors import UserError, cause_of

FILE_NAME = "search.sqlite3"
PARTS = ("", "-wal", "-shm")
APPLICATION_ID = 0x686F6F73  # "hoos"
VERSION = 1  # an index of another version is built again
CURRENT, EMPTY = (APPLICATION_ID, VERSION), (0, 0)
WAIT_SECONDS = 10.0
READ_SECONDS = 2.0  # that a search may take

SCHEMA = """
    CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE files (
        id INTEGER PRIMARY KEY AUTOINCREMENT, directory TEXT NOT NULL, name TEXT NOT NULL, device INTEGER NOT NULL,
        inode INTEGER NOT NULL, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, position INTEGER NOT NULL,
        tail BLOB NOT NULL, UNIQUE (directory, name)
    );
    CREATE TABLE open_calls (
        file INTEGER NOT NULL, call_id TEXT NOT NULL, tool TEXT NOT NULL, time_us INTEGER, PRIMARY KEY (file, call_id)
    ) WITHOUT ROWID;
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, project TEXT NOT NULL, title TEXT NOT NULL DEFAULT '',
        title_kind INTEGER NOT NULL DEFAULT 99
    );
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, session INTEGER NOT NULL, file INTEGER NOT NULL,
        kind INTEGER NOT NULL, tool TEXT NOT NULL, agent TEXT NOT NULL, time_us INTEGER NOT NULL, text TEXT NOT NULL
    );
    CREATE INDEX documents_by_session ON documents (session);
    CREATE INDEX documents_by_file ON documents (file);
    CREATE VIRTUAL TABLE texts USING fts5(
        text, content = 'documents', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
    );
    CREATE TRIGGER document_added AFTER INSERT ON documents BEGIN
        INSERT INTO texts (rowid, text) VALUES (new.id, new.text);
    END;
    CREATE TRIGGER document_removed AFTER DELETE ON documents BEGIN
        INSERT INTO texts (texts, rowid, text) VALUES ('delete', old.id, old.text);
    END;
"""


class SearchIndexError(UserError):
    """The index cannot be used; the message has the reason and the remedy."""


class DamagedIndexError(SearchIndexError):
    """The index is damaged; whoever opens it next to write it starts with an empty one."""


def index_path(data_dir: Path) -> Path:
    """The path of the index in a data directory."""
    return data_dir / FILE_NAME


@contextmanager
def writable_index(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """The index, to be written; created if it is missing, damaged or of another version. Raises SearchIndexError."""
    path = index_path(data_dir)
    with translated_errors(path):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(_prepared(path)) as connection:
            yield connection


@contextmanager
def readable_index(data_dir: Path) -> Iterator[sqlite3.Connection | None]:
    """The index, to be read, also while it is written; None if there is none. Raises SearchIndexError."""
    path = index_path(data_dir)
    with translated_errors(path):
        if not path.exists():
            yield None
            return
        address = read_only_address(path)
        with closing(sqlite3.connect(address, uri=True, timeout=READ_SECONDS, isolation_level=None)) as connection:
            if _version(connection) != CURRENT:
                yield None
                return
            yield connection


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Raise SearchIndexError for all that a disk or another process does to the index."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise SearchIndexError(_unusable(path, str(error))) from error
        with suppress(OSError):
            _marker(path).touch(mode=0o600)  # for the process that writes it
        raise DamagedIndexError(
            f"The search index {path} is damaged ({error}); the exporter builds it again, or: hookmeter search"
        ) from error
    except OSError as error:
        raise SearchIndexError(_unusable(path, cause_of(error))) from error


def _unusable(path: Path, reason: str) -> str:
    return f"The search index {path} cannot be used ({reason}); nothing else is affected."


def _marker(path: Path) -> Path:
    """The file that exists if the index is damaged."""
    return path.with_name(f"{path.name}.damaged")


def remove(path: Path) -> None:
    """Delete the index, which is built again from what is on disk."""
    for part in PARTS:
        path.with_name(path.name + part).unlink(missing_ok=True)


def _prepared(path: Path) -> sqlite3.Connection:
    if _marker(path).exists():
        remove(path)
        _marker(path).unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    try:
        if _version(connection) not in {CURRENT, EMPTY}:
            connection.close()
            remove(path)
            return _prepared(path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        if _version(connection) == EMPTY:
            _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) == EMPTY:  # no other process has created it in the meantime
            for statement in _statements(SCHEMA):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _version(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return application, connection.execute("PRAGMA user_version").fetchone()[0]
