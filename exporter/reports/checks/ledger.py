"""Whether the ledger is intact, or can be created."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from exporter.ledger.database_file import connect_read_only, damage
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.schema import VERSION, version
from exporter.model.errors import cause_of
from exporter.paths import old_data_dir
from exporter.reports.checks.finding import Finding, Verdict, may_access

LEDGER = "ledger"


def check_place(data_dir: Path) -> Iterator[Finding]:
    """Report data that are only found from one directory."""
    if data_dir == old_data_dir():
        message = f"{data_dir} is used only by commands that are called in {data_dir.parent}"
        yield Finding(Verdict.INFO, LEDGER, message, "Stop hookmeter, then run here: hookmeter migrate-data")


def check_ledger(data_dir: Path) -> Finding:
    """Check the ledger of a data directory without changing it."""
    path = data_dir / FILE_NAME
    try:
        return _check_file(path) if path.exists() else _check_place(data_dir)
    except (OSError, sqlite3.Error) as error:
        message = f"{path} cannot be opened ({cause_of(error)})"
        return Finding(Verdict.ERROR, LEDGER, message, f"As its owner, run: chmod -R u+rwX {data_dir}")


def _check_file(path: Path) -> Finding:
    if found := damage(path, thorough=True):
        remedy = "Start the exporter: it moves the file aside and counts everything again"
        return Finding(Verdict.ERROR, LEDGER, f"{path} is corrupt: {found}", remedy)
    if _version(path) > VERSION:
        remedy = "Run that version, or choose another --data-dir"
        return Finding(Verdict.ERROR, LEDGER, f"{path} was written by a newer version of hookmeter", remedy)
    return Finding(Verdict.OK, LEDGER, f"{path} is intact")


def _check_place(data_dir: Path) -> Finding:
    existing = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    if existing.is_dir() and may_access(existing, os.W_OK | os.X_OK):
        return Finding(Verdict.OK, LEDGER, f"none yet in {data_dir}; the first run creates it")
    reason = "not writable" if existing.is_dir() else "not a directory"
    message = f"none yet in {data_dir}, and {existing} is {reason}"
    return Finding(Verdict.ERROR, LEDGER, message, "Choose another directory with --data-dir")


def _version(path: Path) -> int:
    with closing(connect_read_only(path)) as connection:
        return version(connection)
