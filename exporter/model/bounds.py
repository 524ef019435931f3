"""The bounds of plausible values: a value beyond them counts as missing.

The bound of tokens is in `sources/api_messages.py`, that of quotas in `sources/quotas.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from exporter.model.clock import now_us

DAY_US = 24 * 3600 * 1_000_000
MIN_TIME_US = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000  # Claude Code is of 2025
MAX_AHEAD_US = DAY_US  # of the clock; that of another machine, or its time zone, may be another
MAX_CLOCK_SKEW_US = DAY_US  # clocks differ, and a time may lack its zone, so a line may be newer than its file
MAX_CALL_US = 31 * DAY_US
MAX_RUN_US = 366 * DAY_US
MAX_INTEGER = (1 << 63) - 1  # of SQLite; sums stay at it


def bounded(number: int) -> int:
    """The number, or the closest one that SQLite can store."""
    return max(-MAX_INTEGER, min(number, MAX_INTEGER))


def is_plausible_time(time_us: int) -> bool:
    """Whether a line that exists now may be of a time."""
    return MIN_TIME_US <= time_us <= now_us() + MAX_AHEAD_US
