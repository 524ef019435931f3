"""The move of the data of an earlier version, which kept them below the directory in which it was started.

At each moment, either the old directory or the new one has all data, and only the one that has is used: the old ledger
is renamed last. Hook logs stay where they are and are read there, so that hooks that are installed lose nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from exporter.ledger import queries
from exporter.ledger.database_file import connect_read_only
from exporter.ledger.file import LedgerFile
from exporter.ledger.file_names import LOCK_NAME
from exporter.lifecycle.data_files import (
    LEDGER,
    DataFilesError,
    copy_file,
    present,
    put_in_place,
    require_unused,
    set_aside,
    stamp,
)

STAGED = ".migrating"
MOVED = "migrated"
UNSTORED = "unstored_ends"  # of tasks, which the server keeps until its database has them


@dataclass(frozen=True, slots=True)
class Migration:
    """What was moved, and what had to be set aside for it."""

    names: tuple[str, ...]
    set_aside: tuple[Path, ...]


def migrate_data(old: Path, new: Path, before_use: Callable[[], None], *, replace: bool) -> Migration:
    """Move the data of a directory to another; with `replace`, what is there is set aside. Raises UserError.

    `before_use` is called when the new directory has everything, and the old one is still used.
    """
    with LedgerFile(old), LedgerFile(new):  # no exporter may count meanwhile
        if any((old / UNSTORED).glob("*")):
            raise DataFilesError(f"{old / UNSTORED} has ends of tasks; run hookmeter there until it is empty")
        names = present(old)
        for name in names:
            if name.endswith(".sqlite3"):
                require_unused(old / name)
        taken = present(new)
        if taken and not replace and not _is_unfinished(old, new):
            raise DataFilesError(
                f"{new} has data of its own ({', '.join(taken)}); to set them aside and use those of {old}, add"
                " --replace"
            )
        _stage(old, new, names)
        reason = stamp("replaced")
        aside = [put_in_place(new / (name + STAGED), new / name, reason) for name in names]
        before_use()
        for name in names:
            set_aside(old / name, MOVED)  # the ledger first, from when on the new directory is used
    (old / LOCK_NAME).unlink(missing_ok=True)
    return Migration(names, tuple(path for path in aside if path))


def _stage(old: Path, new: Path, names: Sequence[str]) -> None:
    try:
        for name in names:
            copy_file(old / name, new / (name + STAGED))
    except DataFilesError:
        for name in names:
            (new / (name + STAGED)).unlink(missing_ok=True)
        raise


def _is_unfinished(old: Path, new: Path) -> bool:
    """Whether the new directory has what an interrupted move has left there: the same ledger in the same state."""
    return (new / LEDGER).is_file() and _revision(old / LEDGER) == _revision(new / LEDGER)


def _revision(ledger: Path) -> tuple[int, int] | None:
    try:
        with closing(connect_read_only(ledger)) as connection:
            created, commits = connection.execute(queries.SELECT_REVISION).fetchone()
    except (sqlite3.Error, TypeError):
        return None
    return int(created), int(commits)
