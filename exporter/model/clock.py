"""Times as microseconds since the epoch: the current time and conversions."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_us() -> int:
    """The current time."""
    return time.time_ns() // 1000


def from_us(time_us: int) -> datetime:
    """The time as a datetime in UTC, exact to the microsecond."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(microsecond=time_us % 1_000_000)


def in_us(span: timedelta) -> int:
    """The microseconds of a span, exactly."""
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def iso(time_us: int) -> str:
    """The time as ISO 8601 in UTC."""
    return from_us(time_us).isoformat()


def iso_or_none(time_us: int | None) -> str | None:
    """The time as ISO 8601 in UTC; None if there is none."""
    return None if time_us is None else iso(time_us)


def milliseconds(duration_us: int | None) -> float | None:
    """The duration in milliseconds; None if it is unknown."""
    return None if duration_us is None else duration_us / 1000
