"""The files of a data directory, and copies of them that are complete whatever happens meanwhile."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from exporter.ledger.database_file import connect_read_only
from exporter.ledger.database_file import copy as copy_connection
from exporter.ledger.file_names import KEPT_SUFFIX
from exporter.model.durable import sync
from exporter.model.errors import UserError, cause_of
from exporter.paths import LEDGER_NAME

LEDGER = LEDGER_NAME
SERVER = "server.sqlite3"
SEARCH = "search.sqlite3"
DATABASES = (LEDGER, SERVER, SEARCH)
PLAIN_FILES = ("secret.key", "search-forgotten.jsonl")
NAMES = (*DATABASES, *PLAIN_FILES)
KEPT = f"{LEDGER}{KEPT_SUFFIX}"  # which stays with the ledger, and is in no backup
LOGS = ("-wal", "-shm")  # what SQLite keeps next to a database
MODE = 0o600


class DataFilesError(UserError):
    """Data cannot be copied or put in place; the message says what, where and how to fix it."""


def present(directory: Path) -> tuple[str, ...]:
    """The names of the files of hookmeter in a data directory."""
    return tuple(name for name in (*NAMES, KEPT) if (directory / name).is_file())


def copy_file(source: Path, target: Path) -> None:
    """Copy a file so that it survives a power cut; a database also while it is written. Raises DataFilesError."""
    try:
        target.touch(mode=MODE)
        target.chmod(MODE)
        if source.suffix == ".sqlite3":
            with closing(connect_read_only(source)) as connection:
                copy_connection(connection, target)
        else:
            shutil.copyfile(source, target)
        sync(target)
    except (OSError, sqlite3.Error) as error:
        target.unlink(missing_ok=True)
        raise DataFilesError(
            f"{source} cannot be copied to {target.parent} ({cause_of(error)}); nothing was changed."
        ) from error


def require_unused(database: Path, *, may_be_damaged: bool = False) -> None:
    """Make sure that no process has a database open, and have all of it in its one file. Raises DataFilesError."""
    try:
        with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # for which SQLite must have the file to itself
    except sqlite3.OperationalError as error:
        raise DataFilesError(
            f"{database} is in use ({error}); stop hookmeter (run, server, exporter), then try again."
        ) from error
    except sqlite3.Error as error:
        if not may_be_damaged:
            raise DataFilesError(f"{database} is damaged ({error}); run: hookmeter doctor") from error


def put_in_place(staged: Path, target: Path, stamp: str) -> Path | None:
    """Rename a complete copy to its place; what was there is set aside, and its new path returned."""
    aside = set_aside(target, stamp) if target.exists() else None
    for suffix in LOGS:
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    staged.rename(target)
    sync(target.parent)
    return aside


def set_aside(path: Path, stamp: str) -> Path:
    """Rename a file to a name that says why, and return its new path."""
    aside = next(name for name in _numbered(path, stamp) if not name.exists())
    path.rename(aside)
    return aside


def stamp(reason: str) -> str:
    """The end of the name of a file that is set aside now."""
    return f"{reason}-{time.strftime('%Y%m%dT%H%M%S')}"


def _numbered(path: Path, stamp: str) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.{stamp}")
    number = 1
    while True:
        number += 1
        yield path.with_name(f"{path.name}.{stamp}-{number}")
