"""Ranges of time in queries: `since` and `until`, in the words of `hookmeter cost --since`."""

from __future__ import annotations

from typing import NamedTuple

from chatserver.middleware.errors import Problem
from exporter.model.clock import now_us
from exporter.model.since import SinceError, parse_since, parse_until


class TimeRange(NamedTuple):
    """A range of time in microseconds since the epoch; without an end, it lasts until now."""

    since_us: int
    until_us: int | None


def time_range(since: str, until: str) -> TimeRange:
    """The range between two times: a span before now, or a date; the end may be empty. Raises Problem."""
    now = now_us()
    try:
        found = TimeRange(parse_since(since, now), parse_until(until, now) if until else None)
    except SinceError as error:
        raise Problem(400, f"The query parameters are not valid: {error}") from error
    if found.until_us is not None and found.until_us <= found.since_us:
        raise Problem(400, f"The range is empty: {until!r} is not after {since!r}.")
    return found
