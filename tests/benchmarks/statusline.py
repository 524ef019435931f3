"""How long the status line takes that `hookmeter hooks install --statusline` installs, with a ledger of many costs."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from exporter.hooks import status_line
from exporter.ledger.opening import open_ledger
from tests.benchmarks.figures import Figure, seconds, temporary_directory

MOST_MILLISECONDS = 30
SLOTS_OF_A_YEAR = 365 * 24 * 4
ORIGINS = 20
LIMITS = {"five_hour": {"used_percentage": 42, "resets_at": 2_000_000_000}}
PAYLOAD = json.dumps({"session_id": "s", "context_window": {"used_percentage": 34}, "rate_limits": LIMITS}).encode()


def figures(size: float) -> Iterator[Figure]:
    """The median of the status line's times, shell included."""
    with temporary_directory() as directory:
        fill_ledger(directory, round(SLOTS_OF_A_YEAR * size))
        made: Any = status_line.with_quotas({}, directory / "sessions", directory)
        argv = ["/bin/sh", "-c", made["statusLine"]["command"]]

        def show() -> None:
            subprocess.run(argv, input=PAYLOAD, capture_output=True, check=True)

        show()
        taken = [seconds(show) * 1000 for _ in range(max(10, round(100 * size)))]
    yield Figure("status line", statistics.median(taken), "ms", most=MOST_MILLISECONDS)


def fill_ledger(directory: Path, slots: int) -> None:
    """Write costs for each quarter of an hour up to now."""
    with open_ledger(directory, 200):
        pass
    last = int(time.time()) // 900
    rows = [(slot, origin, 10**10) for slot in range(last - slots, last) for origin in range(ORIGINS)]
    with closing(sqlite3.connect(directory / "ledger.sqlite3")) as connection, connection:
        connection.executemany("INSERT INTO spending (slot, origin, cost) VALUES (?, ?, ?)", rows)
