"""Tool calls of the last hour and day: figures, and series for small charts."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from exporter.model.clock import iso
from exporter.model.error_rate import error_rate_of
from exporter.model.records import Outcome
from exporter.snapshot.call_window import CallWindow
from exporter.snapshot.figures import ToolPerformance, tool_performance

MAX_SERIES = 40


class CategoryCount(TypedDict):
    """The number of failed calls in one error category."""

    category: str
    count: int


class ToolRange(TypedDict):
    """The calls that ended in a span of time and in each of its slots, of which the last is the current one.

    `error_rate` is the share of failures among all of them. `series` has only the most used tools.
    """

    starts_at: str
    slot_seconds: int
    calls: list[int]
    errors: list[int]
    error_rate: float | None
    performance: dict[str, ToolPerformance]
    series: dict[str, list[int]]
    categories: list[CategoryCount]


def tool_range(window: CallWindow, slots: int, now_us: int) -> ToolRange:
    """The figures of a window, with its last `slots` slots one by one."""
    first = now_us // window.slot_us - slots + 1
    performance = tool_performance(window)
    calls, errors = [0] * slots, [0] * slots
    series = {tool: [0] * slots for tool in list(performance)[:MAX_SERIES]}
    for (slot, tool, is_error), number in window.slots.items():
        index = slot - first
        if not 0 <= index < slots:
            continue
        calls[index] += number
        errors[index] += number * is_error
        if tool in series:
            series[tool][index] += number
    outcomes = Counter[Outcome]()
    for (_, _, outcome), number in window.outcomes.items():
        outcomes[outcome] += number
    return {
        "starts_at": iso(first * window.slot_us),
        "slot_seconds": window.slot_us // 1_000_000,
        "calls": calls,
        "errors": errors,
        "error_rate": error_rate_of(outcomes),
        "performance": performance,
        "series": series,
        "categories": _categories(window),
    }


def calls_per_minute(window: CallWindow, minutes: int, now_us: int) -> float:
    """The average number of calls per minute in the last whole minutes; the window's slots must be minutes."""
    now = now_us // window.slot_us
    return sum(number for (slot, _, _), number in window.slots.items() if now - minutes <= slot < now) / minutes


def _categories(window: CallWindow) -> list[CategoryCount]:
    counted = Counter[str]()
    for (_, category), number in window.errors.items():
        counted[category.value] += number
    return [{"category": category, "count": number} for category, number in counted.most_common()]
