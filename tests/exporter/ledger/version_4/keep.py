"""Writes the ledger and the page of the version that this runs in, which must be the one of commit a2994a6.

git worktree add ../older a2994a6 && make -C ../older .venv/dev
../older/.venv/bin/python tests/exporter/ledger/version_4/keep.py
"""

from __future__ import annotations

import runpy
import sqlite3
import tempfile
from contextlib import closing
from importlib import import_module
from pathlib import Path

from exporter.ledger.opening import open_ledger

HERE = Path(__file__).parent
meter, pages = import_module("exporter.meter"), import_module("exporter.pages")  # modules of that version
past_work = runpy.run_path(str(HERE.with_name("past_work.py")))


def keep(root: Path) -> None:
    """Read the work of the past, a little after its end."""
    running = past_work["write_past"](root)
    now_us = round((max(one.session.now for one in running).timestamp() + 5) * 1_000_000)
    with open_ledger(root / "data", 200) as ledger:
        roots = [str(root / "sessions")], [str(root / "projects")]
        reader = meter.Meter(roots[0], ledger, lambda: now_us, transcript_roots=roots[1])
        reader.catch_up()
        (HERE / "metrics.txt").write_bytes(pages.Pages(reader).page(pages.TEXT).plain)
    with closing(sqlite3.connect(root / "data" / past_work["LEDGER"])) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        lines = [f"PRAGMA user_version = {version};", *connection.iterdump()]
    (HERE / "ledger.sql").write_text("\n".join(lines).replace(str(root), past_work["ROOT"]) + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        keep(Path(directory).resolve())
