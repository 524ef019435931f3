"""What can go wrong with a ledger: it cannot be written or read for a while, it is damaged, or a value is to blame."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import msgspec

from exporter.model.errors import UserError

P = ParamSpec("P")
R = TypeVar("R")

# The codes of transient failures: of the disk, of permissions, of memory, and of other processes.
TRANSIENT = frozenset(
    {
        sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)  # fmt: skip
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
PRIMARY_CODE = 0xFF  # the other bits of a code have details
OF_ARGUMENTS = (UnicodeEncodeError, OverflowError, sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError)


class LedgerError(UserError):
    """The ledger cannot be used; the message has the reason and the remedy."""


class LedgerWriteError(Exception):
    """A batch could not be written; nothing of it was counted, and its lines will be read again."""


class LedgerDamagedError(sqlite3.DatabaseError):
    """The ledger is damaged; the message is what SQLite says, or what is wrong with a value in it."""


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later."""
    return _code(error) in TRANSIENT or isinstance(error, OSError | MemoryError | LedgerWriteError)


def is_damage(error: BaseException) -> bool:
    """Whether an error shows that the ledger is damaged."""
    return isinstance(error, LedgerDamagedError) or _code(error) in DAMAGED


def is_due_to_input(error: BaseException) -> bool:
    """Whether what was counted is to blame, by a value or a bug, and not the ledger or the machine."""
    return not is_transient(error) and not is_damage(error)


def reads(read: Callable[P, R]) -> Callable[P, R]:
    """A function that only reads the ledger: what it cannot read is damaged, unless the failure is transient."""

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return read(*args, **kwargs)
        except (sqlite3.DatabaseError, ValueError, msgspec.MsgspecError) as error:  # or of what no version has written
            if is_transient(error) or isinstance(error, (LedgerDamagedError, *OF_ARGUMENTS)):
                raise
            raise LedgerDamagedError(str(error) or type(error).__name__) from error

    return reading


def _code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & PRIMARY_CODE
