"""Tool calls as they went in the last hour and day: figures, and series for small charts."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from exporter.model.clock import iso
from exporter.model.records import Outcome
from exporter.snapshot.call_window import CallWindow
from exporter.snapshot.figures import ToolPerformance, success_rate_of, tool_performance

MOST_SERIES = 40


class CategoryCount(TypedDict):
    """How many calls failed for one reason."""

    category: str
    count: int


class ToolRange(TypedDict):
    """The calls that ended in a span of time, and in each of its slots; the last slot is the present one.

    `error_rate` is of the calls that ran to a success or an error. `series` has the most used tools alone.
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
    """The figures of a window, whose last slots are told one by one."""
    first = now_us // window.slot_us - slots + 1
    performance = tool_performance(window)
    calls, errors = [0] * slots, [0] * slots
    series = {tool: [0] * slots for tool in list(performance)[:MOST_SERIES]}
    for (slot, tool, is_error), number in window.slots.items():
        place = slot - first
        if not 0 <= place < slots:
            continue
        calls[place] += number
        errors[place] += number * is_error
        if tool in series:
            series[tool][place] += number
    outcomes = Counter[Outcome]()
    for (_, _, outcome), number in window.outcomes.items():
        outcomes[outcome] += number
    rate = success_rate_of(outcomes)
    return {
        "starts_at": iso(first * window.slot_us),
        "slot_seconds": window.slot_us // 1_000_000,
        "calls": calls,
        "errors": errors,
        "error_rate": None if rate is None else 1 - rate,
        "performance": performance,
        "series": series,
        "categories": _categories(window),
    }


def calls_per_minute(window: CallWindow, minutes: int, now_us: int) -> float:
    """How many calls ended in each of the last whole minutes, on average; the window's slots are minutes."""
    now = now_us // window.slot_us
    return sum(number for (slot, _, _), number in window.slots.items() if now - minutes <= slot < now) / minutes


def _categories(window: CallWindow) -> list[CategoryCount]:
    counted = Counter[str]()
    for (_, category), number in window.errors.items():
        counted[category.value] += number
    return [{"category": category, "count": number} for category, number in counted.most_common()]
