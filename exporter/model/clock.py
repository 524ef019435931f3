"""Moments as microseconds since the epoch: the present one, and how one is shown."""

from __future__ import annotations

import time
from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_us() -> int:
    """The present moment."""
    return time.time_ns() // 1000


def from_us(time_us: int) -> datetime:
    """The moment in UTC."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(microsecond=time_us % 1_000_000)


def iso(time_us: int) -> str:
    """The moment as ISO 8601 in UTC."""
    return from_us(time_us).isoformat()


def iso_or_none(time_us: int | None) -> str | None:
    """The moment as ISO 8601 in UTC; None where there is none."""
    return None if time_us is None else iso(time_us)


def milliseconds(duration_us: int | None) -> float | None:
    """A duration in milliseconds; None where it is unknown."""
    return None if duration_us is None else duration_us / 1000
