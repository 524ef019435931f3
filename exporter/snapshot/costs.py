"""Costs over time by model and by project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, TypedDict

from exporter.counting.budgets import day_ends_us
from exporter.counting.messages import SLOT_US
from exporter.model.clock import iso
from exporter.model.money import dollars

MAX_SERIES = 6
OTHERS = ""
HOUR_US = 4 * SLOT_US
DAY_US = 24 * HOUR_US
SpentByNames = Mapping[tuple[int, str, str], int]  # by quarter of an hour, model and project


class Series(TypedDict):
    """The costs of one name in each slot, in US dollars; the empty name stands for all names without a series."""

    name: str
    cost_usd: float
    slots: list[float]


class CostRange(TypedDict):
    """The costs in a span of time and in each of its slots, of which the last is the current one."""

    starts_at: str
    slot_seconds: int
    cost_usd: float
    by_model: list[Series]
    by_project: list[Series]


class Span(NamedTuple):
    """A span of time: the number of its slots and their length."""

    slots: int
    slot_us: int


# The slots of 1h are those in which spending is counted; all others are aligned to the days of the local time zone.
SPANS = {"1h": Span(5, SLOT_US), "24h": Span(25, HOUR_US), "7d": Span(29, 6 * HOUR_US), "30d": Span(31, DAY_US)}


def cost_ranges(spent: SpentByNames, now_us: int) -> dict[str, CostRange]:
    """The costs in each span."""
    return {name: cost_range(spent, span, now_us) for name, span in SPANS.items()}


def cost_range(spent: SpentByNames, span: Span, now_us: int) -> CostRange:
    """The costs in one span."""
    first_us = _starts_us(span, now_us)
    by_model: dict[str, Counter[int]] = {}
    by_project: dict[str, Counter[int]] = {}
    for (slot, model, project), cost in spent.items():
        index = (slot * SLOT_US - first_us) // span.slot_us
        if 0 <= index < span.slots:
            by_model.setdefault(model, Counter())[index] += cost
            by_project.setdefault(project, Counter())[index] += cost
    return series_of(by_model, by_project, first_us, span.slot_us, span.slots)


def series_of(
    by_model: dict[str, Counter[int]], by_project: dict[str, Counter[int]], first_us: int, slot_us: int, slots: int
) -> CostRange:
    """Costs by the number of their slot."""
    return {
        "starts_at": iso(first_us),
        "slot_seconds": slot_us // 1_000_000,
        "cost_usd": dollars(sum(costs.total() for costs in by_model.values())),
        "by_model": _series(by_model, slots),
        "by_project": _series(by_project, slots),
    }


def _starts_us(span: Span, now_us: int) -> int:
    """The start of the first slot, such that a slot starts with the current day."""
    tomorrow_us = day_ends_us(now_us)
    return tomorrow_us - ((tomorrow_us - now_us - 1) // span.slot_us + span.slots) * span.slot_us


def _series(costs: dict[str, Counter[int]], slots: int) -> list[Series]:
    """One series for each of the names with the highest costs, and one for all others."""
    ranked = sorted(costs.items(), key=lambda item: (-item[1].total(), item[0]))
    shown = ranked[:MAX_SERIES]
    if others := ranked[MAX_SERIES:]:
        shown.append((OTHERS, sum((counter for _, counter in others), Counter[int]())))
    return [
        {"name": name, "cost_usd": dollars(by_slot.total()), "slots": [dollars(by_slot[n]) for n in range(slots)]}
        for name, by_slot in shown
    ]
