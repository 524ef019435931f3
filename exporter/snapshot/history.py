"""The figures of any range of time: tool calls by hour, and costs by quarter of an hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypedDict

from exporter.counting.budgets import day_ends_us
from exporter.counting.messages import SLOT_US
from exporter.model.clock import iso, milliseconds
from exporter.model.error_rate import error_rate_of
from exporter.model.records import Outcome
from exporter.snapshot.costs import DAY_US, CostRange, SpentByNames, series_of
from exporter.snapshot.figures import MAX_NAMES, TaskFigures, ToolPerformance, success_rate_of
from exporter.snapshot.tools import MAX_SERIES, ToolRange
from exporter.sources.call_hours import HOUR_US, UNKNOWN_DURATION, CallHours, duration_of

# The slots of a range: the longest range with each length of a slot. They are aligned to the days of the time zone.
SLOTS = ((2 * DAY_US, HOUR_US), (8 * DAY_US, 6 * HOUR_US), (100 * DAY_US, DAY_US), (1000 * DAY_US, 7 * DAY_US))
LONGEST_SLOT_US = 30 * DAY_US


class History(TypedDict):
    """The figures of a range. Durations are accurate to 6%.

    `complete` is false while logs and transcripts are read for the first time, when figures may be missing: those of
    the last day until the server has read them, others until the exporter has. It is false, too, while an exporter that
    was stopped has not counted all calls of the range.
    `calls_complete_since` is the time from which on the numbers of calls are complete; null if they are for all of it.
    """

    tools: ToolRange
    costs: CostRange
    tasks: TaskFigures
    calls_complete_since: str | None
    complete: bool


class Slots(NamedTuple):
    """The slots of a range of time, of which the first and the last may be in it in part."""

    since_us: int
    until_us: int
    first_us: int
    length_us: int

    @classmethod
    def of(cls, since_us: int, until_us: int) -> Slots:
        """The slots of a range."""
        span_us = until_us - since_us
        length_us = next((length for longest, length in SLOTS if span_us <= longest), LONGEST_SLOT_US)
        end_us = day_ends_us(until_us - 1)
        return cls(since_us, until_us, end_us - -(-(end_us - since_us) // length_us) * length_us, length_us)

    @property
    def number(self) -> int:
        """The number of slots."""
        return -(-(self.until_us - self.first_us) // self.length_us)

    def index_of(self, time_us: int) -> int:
        """The number of the slot of a time."""
        return (time_us - self.first_us) // self.length_us


def tool_history(hours: CallHours, slots: Slots) -> ToolRange:
    """The calls in a range."""
    outcomes: dict[str, Counter[Outcome]] = {}
    categories, buckets = Counter[str](), dict[str, Counter[int]]()
    calls, errors = [0] * slots.number, [0] * slots.number
    for kind, number in hours.items():
        index = max(0, slots.index_of(kind.hour * HOUR_US))
        calls[index] += number
        outcomes.setdefault(kind.tool, Counter())[kind.outcome] += number
        if kind.bucket != UNKNOWN_DURATION:
            buckets.setdefault(kind.tool, Counter())[kind.bucket] += number
        if kind.category:
            errors[index] += number
            categories[kind.category.value] += number
    most_used = sorted(outcomes, key=lambda tool: (-outcomes[tool].total(), tool))[:MAX_NAMES]
    return {
        "starts_at": iso(slots.first_us),
        "slot_seconds": slots.length_us // 1_000_000,
        "calls": calls,
        "errors": errors,
        "error_rate": error_rate_of(sum(outcomes.values(), Counter[Outcome]())),
        "performance": {tool: _performance(outcomes[tool], buckets.get(tool, Counter())) for tool in most_used},
        "series": _series(hours, most_used[:MAX_SERIES], slots),
        "categories": [{"category": name, "count": number} for name, number in categories.most_common()],
    }


def cost_history(spent: SpentByNames, slots: Slots) -> CostRange:
    """The costs in a range, by quarter of an hour."""

    def index_of(slot: int) -> int | None:
        is_in_range = slots.since_us // SLOT_US <= slot and slot * SLOT_US < slots.until_us
        return max(0, slots.index_of(slot * SLOT_US)) if is_in_range else None

    return series_of(spent, index_of, slots.first_us, slots.length_us, slots.number)


def _series(hours: CallHours, tools: Iterable[str], slots: Slots) -> dict[str, list[int]]:
    series = {tool: [0] * slots.number for tool in tools}
    for kind, number in hours.items():
        if kind.tool in series:
            series[kind.tool][max(0, slots.index_of(kind.hour * HOUR_US))] += number
    return series


def _performance(outcomes: Counter[Outcome], buckets: Mapping[int, int]) -> ToolPerformance:
    return {
        "calls": outcomes.total(),
        "errors": outcomes[Outcome.ERROR],
        "success_rate": success_rate_of(outcomes),
        "p50_ms": milliseconds(_quantile(buckets, 0.5)),
        "p95_ms": milliseconds(_quantile(buckets, 0.95)),
    }


def _quantile(buckets: Mapping[int, int], share: float) -> int | None:
    """The duration that at least this share of calls does not exceed; None without calls."""
    left = sum(buckets.values()) * share
    for bucket in sorted(buckets):
        left -= buckets[bucket]
        if left <= 0:
            return duration_of(bucket)
    return None
