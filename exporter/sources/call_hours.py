"""The calls of each hour: how many ended, how, and how long they took."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from math import sqrt
from typing import NamedTuple

from exporter.model.bounds import MAX_CALL_US
from exporter.model.records import ErrorCategory, Outcome, ToolCall
from exporter.sources.error_categories import categorize

HOUR_US = 3_600 * 1_000_000
STEPS = 20  # of a decade: a quantile is off by at most 6%
MILLISECOND_US = 1000
DECADES = 10
# The upper bounds of durations in microseconds, from a millisecond to more than the longest call.
BOUNDS = tuple(round(MILLISECOND_US * 10 ** (step / STEPS)) for step in range(STEPS * DECADES))
UNKNOWN_DURATION = -1


class CallKind(NamedTuple):
    """What calls have in common that ended in the same hour; `bucket` is that of their duration."""

    hour: int
    tool: str
    agent: str
    outcome: Outcome
    category: ErrorCategory | None
    bucket: int


CallHours = Counter[CallKind]


class EndKind(NamedTuple):
    """What calls have in common that ended alike, at any time."""

    tool: str
    agent: str
    outcome: Outcome
    category: ErrorCategory | None


CallEnd = tuple[int, int]  # the hour, and the bucket of the call's duration
CallEnds = defaultdict[EndKind, list[CallEnd]]  # one by one, as it is fastest to count equal ones when all are stored


def no_ends() -> CallEnds:
    """A collection of ends, without any."""
    return defaultdict(list)


def kind_of(call: ToolCall) -> EndKind:
    """The kind of a call that has ended."""
    category = categorize(call.error) if call.outcome is Outcome.ERROR else None
    return EndKind(call.tool, call.agent, call.outcome, category)


def end_of(call: ToolCall, last_us: int) -> CallEnd:
    """The end of a call; where nothing says when it was, as of its start, or of the last line."""
    known_us = call.started_us if call.ended_us is None else call.ended_us
    return (last_us if known_us is None else known_us) // HOUR_US, bucket_of(call.duration_us)


def bucket_of(duration_us: int | None) -> int:
    """The number of the bucket of a duration; an implausible one counts as unknown."""
    if duration_us is None or duration_us > MAX_CALL_US:
        return UNKNOWN_DURATION
    return bisect_left(BOUNDS, duration_us)


def duration_of(bucket: int) -> int:
    """The duration in microseconds that stands for a bucket: the middle of it on a logarithmic scale."""
    if bucket == 0:
        return BOUNDS[0]
    return round(sqrt(BOUNDS[bucket - 1] * BOUNDS[bucket]))
