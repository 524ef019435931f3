"""Ranges of time in queries: `since` and `until`, in the words of `hookmeter cost --since`."""

from __future__ import annotations

from typing import NamedTuple

from chatserver.middleware.errors import Problem
from exporter.model.clock import now_us
from exporter.model.since import UNIT_US, SinceError, parse_since, parse_until


class TimeRange(NamedTuple):
    """A range of time in microseconds since the epoch; without an end, it lasts until now."""

    since_us: int
    until_us: int | None


# A moment at which nothing can have happened: figures are of whole hours, so that a moment of today would have some.
NOTHING = TimeRange(UNIT_US["d"], UNIT_US["d"] + 1)


def time_range(since: str, until: str) -> TimeRange:
    """The range between two times, spans before now or dates, each of which may be empty. Raises Problem.

    It is never shorter than a microsecond. A range that ends before it starts has nothing in it.
    """
    now = now_us()
    try:
        since_us = parse_since(since, now) if since else 0
        until_us = parse_until(until, now) if until else None
    except SinceError as error:
        raise Problem(400, f"The query parameters are not valid: {error}") from error
    if until_us is not None and until_us < since_us:
        return NOTHING
    return TimeRange(since_us, None if until_us is None else max(until_us, since_us + 1))
