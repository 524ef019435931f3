"""The file of the ledger: locked for one process, set aside if it is damaged, and written again if it is deleted."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from exporter.ledger.database_file import copy, damage
from exporter.ledger.failures import LedgerDamagedError, LedgerError, LedgerWriteError, is_damage
from exporter.ledger.file_names import FILE_NAME, LOCK_NAME
from exporter.ledger.kept_copy import kept_path, restore_kept
from exporter.ledger.migration import migrate
from exporter.ledger.schema import VERSION, version
from exporter.model.errors import cause_of
from exporter.model.file_stamp import file_identity
from exporter.model.log import logger

log = logger(__name__)
PARTS = ("", "-wal", "-shm")
OWN = 0o600  # for the owner alone
COUNTED_AGAIN = "all lines that are still in the logs are counted again"
MAX_SET_ASIDE = 3  # by one process: a disk that damages every ledger is not to be filled with them


class LedgerFile:
    """The file of the ledger in a data directory, locked for this process while it is a context."""

    def __init__(self, data_dir: Path) -> None:
        from filelock import FileLock  # noqa: PLC0415 - takes 30 ms, which commands that only read a ledger save

        self.path = data_dir / FILE_NAME
        self._lock = FileLock(data_dir / LOCK_NAME, timeout=0, mode=OWN, thread_local=False)
        self._opened: dict[Path, tuple[int, int] | None] = {}
        self._set_aside = 0

    def __enter__(self) -> LedgerFile:
        self._acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release(force=True)

    def connect(self) -> sqlite3.Connection:
        """Open the ledger; if there is none, restore the kept copy or create one.

        Raises LedgerDamagedError or LedgerError.
        """
        if found := damage(self.path):
            raise LedgerDamagedError(found)
        self._restore()
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, self.path)
        except BaseException:
            connection.close()
            raise
        names = (self.path, _part(self.path, "-wal"), self.path.with_name(LOCK_NAME))
        self._opened = {path: file_identity(path) for path in names}
        return connection

    def damage(self) -> str | None:
        """The corruption that a thorough check finds, which takes seconds; None if the ledger is intact."""
        return damage(self.path, thorough=True)

    def is_in_place(self) -> bool:
        """Whether the files that were opened are still those in the data directory."""
        for path, opened in self._opened.items():
            found = file_identity(path)
            if opened is None:
                self._opened[path] = found  # SQLite creates its log with the first transaction
            elif found != opened:
                return False
        return bool(self._opened)

    def rescue(self, connection: sqlite3.Connection) -> bool:
        """Close a connection and have what it read in place again; False if there is another ledger instead.

        Raises LedgerError or LedgerWriteError, and can be repeated then.
        """
        self._lock.release(force=True)
        self._acquire()
        was_open = bool(self._opened)
        is_other = file_identity(self.path) not in {None, self._opened.get(self.path)}
        if was_open and is_other:
            self._give_up(connection)
        elif was_open:
            self._write_again(connection)
        return was_open and not is_other

    def set_aside(self, reason: str) -> None:
        """Rename a damaged ledger, which no connection has open any more. Raises LedgerError or LedgerWriteError."""
        self._opened.clear()
        if self._set_aside == MAX_SET_ASIDE:
            raise LedgerError(f"The ledger {self.path} is corrupt again ({reason}); check the disk, then restart.")
        aside = _unused(self.path.with_name(f"{FILE_NAME}.corrupt-{time.strftime('%Y%m%dT%H%M%S')}"))
        try:
            for part in PARTS:
                with suppress(FileNotFoundError):
                    _part(self.path, part).rename(_part(aside, part))
        except OSError as error:
            raise LedgerWriteError(f"The corrupt ledger {self.path} cannot be renamed ({error.strerror}).") from error
        self._set_aside += 1
        has_copy = kept_path(self.path).exists()
        log.error(
            "The ledger %s is corrupt (%s). It was renamed to %s%s.",
            self.path, reason, aside.name, "" if has_copy else f", and a new one was created: {COUNTED_AGAIN}",
        )  # fmt: skip

    def _restore(self) -> None:
        """Restore the kept copy if the ledger is missing or empty; logs that only it has counted may be gone."""
        try:
            restore_kept(self.path)
        except (OSError, sqlite3.Error) as error:
            raise LedgerError(
                f"The ledger {self.path} is missing, and {kept_path(self.path).name} cannot be restored"
                f" ({cause_of(error)}); fix that, or move it elsewhere to start over."
            ) from error

    def _write_again(self, connection: sqlite3.Connection) -> None:
        """Write what a connection has open to a file, and put it in the place of what was deleted."""
        unfinished = _part(self.path, ".unfinished")
        try:
            copy(connection, unfinished)
            connection.close()  # which removes the log by its name
            self._opened.clear()
            for part in PARTS:
                _part(self.path, part).unlink(missing_ok=True)
            unfinished.rename(self.path)
        except (OSError, sqlite3.Error) as error:
            raise LedgerWriteError(
                f"The ledger {self.path} was deleted, and cannot be written ({cause_of(error)})."
            ) from error
        log.error(
            "The ledger %s or its lock was deleted while it was in use. It was written again, nothing is lost;"
            " to start over, stop hookmeter before you delete it.",
            self.path,
        )

    def _give_up(self, connection: sqlite3.Connection) -> None:
        """Close a connection to what was replaced, without leaving its log to the ledger in its place."""
        log_file = _part(self.path, "-wal")
        is_own = file_identity(log_file) == self._opened.get(log_file)
        connection.close()
        self._opened.clear()
        if is_own:
            log_file.unlink(missing_ok=True)
        log.error("The ledger %s was replaced while it was in use; the one in its place is used now.", self.path)

    def _acquire(self) -> None:
        from filelock import Timeout  # noqa: PLC0415 - as above

        directory = self.path.parent
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(
                f"The data directory {directory} cannot be created ({error.strerror}); set another with --data-dir."
            ) from error
        try:
            self._lock.acquire()
            (directory / LOCK_NAME).chmod(OWN)  # whoever can open it could hold it; older versions let everybody
        except Timeout as error:
            raise LedgerError(
                f"Another hookmeter uses the ledger in {directory}; two would count everything twice."
                " Stop it, or set another data directory with --data-dir."
            ) from error
        except OSError as error:
            raise LedgerError(
                f"The data directory {directory} cannot be written ({error.strerror}); set another with --data-dir."
            ) from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    path.chmod(OWN)
    try:
        _require_supported(version(connection), path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _copy_before_migration(connection, path)
        migrate(connection)
    except sqlite3.Error as error:
        if is_damage(error):
            raise LedgerDamagedError(str(error)) from error
        raise LedgerError(
            f"The ledger {path} cannot be opened ({error}); check the disk, or set another directory with --data-dir."
        ) from error


def _copy_before_migration(connection: sqlite3.Connection, path: Path) -> None:
    """Copy a ledger of an older version to a file next to it, to which one can return with the older hookmeter."""
    found = version(connection)
    if not 0 < found < VERSION:
        return
    kept = _part(path, f".version-{found}")
    unfinished = _part(kept, ".unfinished")
    copy(connection, unfinished)
    unfinished.rename(kept)
    log.info("The ledger is migrated from version %d to %d; a copy of it is %s.", found, VERSION, kept)


def _require_supported(found: int, path: Path) -> None:
    if found > VERSION:
        raise LedgerError(
            f"The ledger {path} has version {found}, but this hookmeter supports versions up to {VERSION} only;"
            " upgrade hookmeter, or set another data directory with --data-dir."
        )


def _part(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _unused(path: Path) -> Path:
    """A name like this that no file has."""
    number, found = 1, path
    while found.exists():
        number, found = number + 1, _part(path, f"-{number + 1}")
    return found
