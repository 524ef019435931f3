"""The server's database: SQLite in the data directory, or PostgreSQL for several servers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, InternalError, NoSuchModuleError, OperationalError, SQLAlchemyError

from chatserver.storage.idle_pool import IdlePool
from chatserver.storage.location import POSTGRES
from chatserver.storage.schema import REVISION, SchemaError
from chatserver.threads.offload import offload

Result = TypeVar("Result")
BUSY_SECONDS = 10.0
READS = "reads"
REVISIONS = "alembic_version"
READ_ONLY = "25006"  # what PostgreSQL says during a failover


class DatabaseError(Exception):
    """The database cannot be opened; the message says why, and how to fix it."""


class Database:
    """Runs functions in transactions. Any thread or greenlet may call it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(**{READS: True})
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer at a time. The others wait here, not in the offload threads that readers need.
        self._write_lock = threading.Lock()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Run the work in a transaction, which is rolled back if it raises."""
        if not self.is_sqlite:
            return self._transact(self._engine, work)
        if not self._write_lock.acquire(timeout=BUSY_SECONDS):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
        try:
            return self._transact(self._engine, work)
        finally:
            self._write_lock.release()

    def run_read_only(self, work: Callable[[Connection], Result]) -> Result:
        """Run work that only reads; in SQLite it neither waits for writers nor blocks them."""
        return self._transact(self._reader, work)

    def _transact(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with engine.begin() as connection:
                return work(connection)

        return offload(transaction) if self.is_sqlite else transaction()


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """Open a database, and migrate it to the schema of this version. Raises DatabaseError."""
    engine = _engine(url)
    # Without an open connection, SQLite would checkpoint and remove its log after each transaction.
    anchor = None
    try:
        try:
            if not _is_newest(engine):
                from chatserver.storage.migration import migrate  # noqa: PLC0415 - takes memory that is seldom needed

                migrate(engine)
            anchor = engine.connect() if engine.dialect.name == "sqlite" else None
        except (SQLAlchemyError, SchemaError, OSError) as error:
            raise DatabaseError(f"{_shown(url)} cannot be opened ({_cause(error)}); check --database-url.") from error
        yield Database(engine)
    finally:
        if anchor is not None:
            anchor.close()
        _close(engine)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            _create_file(parsed.database or "")
            engine = create_engine(
                parsed, poolclass=IdlePool, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True
            )
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
            return engine
        if parsed.drivername == POSTGRES:
            # A database with the encoding SQL_ASCII, as of a cluster with the locale C, would return bytes for text.
            utf8 = {"client_encoding": "utf8"}
            engine = create_engine(
                parsed, connect_args=utf8, pool_size=20, max_overflow=20, pool_pre_ping=True, hide_parameters=True
            )
            event.listen(engine, "handle_error", _outage)
            return engine
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseError(f"Invalid --database-url ({error}); use postgresql://… or sqlite:///FILE.") from error
    except OSError as error:
        raise DatabaseError(f"{_shown(url)} cannot be created ({error.strerror}); use another --data-dir.") from error
    raise DatabaseError(f"--database-url is for {parsed.drivername}; use sqlite or postgresql.")


def _create_file(name: str) -> None:
    """Create the file, readable by its owner only, if it is missing; SQLite copies its mode to its other files."""
    file = Path(name).absolute()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if name not in {"", ":memory:"} and not file.exists():
        file.touch(0o600)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # By default the driver starts transactions itself, and as readers, which cannot become writers while another
    # connection writes: updates would fail.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(READS) else "BEGIN IMMEDIATE")


def _outage(context: ExceptionContext) -> OperationalError | None:
    """The error of a write to a standby of PostgreSQL, as of one to a server that is away: what writes tries again."""
    error = context.sqlalchemy_exception
    if isinstance(error, InternalError) and getattr(error.orig, "sqlstate", None) == READ_ONLY:
        return OperationalError(error.statement, None, error.orig or error, hide_parameters=True)
    return None


def _is_newest(engine: Engine) -> bool:
    with engine.begin() as connection:
        if not inspect(connection).has_table(REVISIONS):
            return False
        return connection.execute(text(f"SELECT version_num FROM {REVISIONS}")).scalar() == REVISION  # noqa: S608


def _close(engine: Engine) -> None:
    """Close all connections: the idle ones now, one in use when its work is done."""
    event.listen(engine.pool, "checkin", lambda _connection, record: record.invalidate())
    engine.dispose()


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _cause(error: Exception) -> Any:
    return getattr(error, "orig", None) or error
