"""A sliding window of ended tool calls, with their counts and durations."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple, TypeVar

from exporter.model.records import ErrorCategory, Outcome
from exporter.sources.call_hours import HOUR_US, CallHours, CallKind, bucket_of

Key = TypeVar("Key")


class EndedCall(NamedTuple):
    """The fields of a call that the figures need."""

    ended_us: int
    tool: str
    agent: str
    outcome: Outcome
    category: ErrorCategory | None
    duration_us: int | None


@dataclass(slots=True)
class CallWindow:
    """Counts and durations of the calls in the window, which may be added in any order.

    `slots` counts the ended calls by time slot, tool, and whether they failed.
    """

    slot_us: int
    outcomes: Counter[tuple[str, str, Outcome]] = field(default_factory=Counter)
    errors: Counter[tuple[str, ErrorCategory]] = field(default_factory=Counter)
    durations_us: dict[str, list[int]] = field(default_factory=dict)
    slots: Counter[tuple[int, str, bool]] = field(default_factory=Counter)
    _calls: list[tuple[int, int, EndedCall]] = field(default_factory=list)
    _number: count[int] = field(default_factory=count)

    def add_call(self, call: EndedCall) -> None:
        """Add a call to the window."""
        heapq.heappush(self._calls, (call.ended_us, next(self._number), call))
        self.outcomes[call.tool, call.agent, call.outcome] += 1
        self.slots[self._slot(call)] += 1
        if call.category:
            self.errors[call.tool, call.category] += 1
        if call.duration_us is not None:
            insort(self.durations_us.setdefault(call.tool, []), call.duration_us)

    def hours_since(self, hour: int) -> CallHours:
        """The calls that ended in an hour or later."""
        found = CallHours()
        for ended_us, _, call in self._calls:
            if ended_us // HOUR_US >= hour:
                bucket = bucket_of(call.duration_us)
                found[CallKind(ended_us // HOUR_US, call.tool, call.agent, call.outcome, call.category, bucket)] += 1
        return found

    def drop_before(self, before_us: int) -> None:
        """Remove the calls that ended before a time."""
        while self._calls and self._calls[0][0] < before_us:
            self._remove(heapq.heappop(self._calls)[-1])

    def _remove(self, call: EndedCall) -> None:
        _decrement(self.outcomes, (call.tool, call.agent, call.outcome))
        _decrement(self.slots, self._slot(call))
        if call.category:
            _decrement(self.errors, (call.tool, call.category))
        if call.duration_us is not None:
            durations = self.durations_us[call.tool]
            del durations[bisect_left(durations, call.duration_us)]

    def _slot(self, call: EndedCall) -> tuple[int, str, bool]:
        return call.ended_us // self.slot_us, call.tool, call.outcome is Outcome.ERROR


def _decrement(counter: Counter[Key], key: Key) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
