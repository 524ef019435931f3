"""Costs over time by model and by project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypedDict

from exporter.counting.budgets import day_ends_us
from exporter.counting.messages import SLOT_US
from exporter.model.clock import iso
from exporter.model.money import Amount, dollars

MAX_SERIES = 6
OTHERS = ""
HOUR_US = 4 * SLOT_US
DAY_US = 24 * HOUR_US
NONE = Counter[int]()
Names = tuple[int, str, str]  # a quarter of an hour, a model and a project
MODEL, PROJECT = 1, 2
IndexOf = Callable[[int], int | None]  # the number of the slot that a quarter of an hour is in; None if it is in none


class SpentByNames(NamedTuple):
    """Picodollars, and tokens without a known price, by quarter of an hour, model and project."""

    costs: Mapping[Names, int] = MappingProxyType({})
    unpriced: Mapping[Names, int] = MappingProxyType({})

    def where(self, is_wanted: Callable[[int], bool]) -> SpentByNames:
        """Those of some quarters of an hour."""
        return SpentByNames(*({key: n for key, n in numbers.items() if is_wanted(key[0])} for numbers in self))


class Series(TypedDict):
    """The costs of one name in each slot, in US dollars; the empty name stands for all names without a series.

    `unpriced_tokens` are those of models without a known price, whose cost is not in it; `incomplete_slots` are the
    numbers of the slots that have some. The cost is None if nothing else was used.
    """

    name: str
    cost_usd: float | None
    unpriced_tokens: int
    slots: list[float]
    incomplete_slots: list[int]


class CostRange(TypedDict):
    """The costs in a span of time and in each of its slots, of which the last is the current one.

    The cost is None if only models without a known price were used.
    """

    starts_at: str
    slot_seconds: int
    cost_usd: float | None
    unpriced_tokens: int
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

    def index_of(slot: int) -> int | None:
        index = (slot * SLOT_US - first_us) // span.slot_us
        return index if 0 <= index < span.slots else None

    return series_of(spent, index_of, first_us, span.slot_us, span.slots)


def series_of(spent: SpentByNames, index_of: IndexOf, first_us: int, slot_us: int, slots: int) -> CostRange:
    """The costs in slots."""
    models, projects = (_by_slot(spent.costs, index_of, by) for by in (MODEL, PROJECT))
    unpriced_models, unpriced_projects = (_by_slot(spent.unpriced, index_of, by) for by in (MODEL, PROJECT))
    cost, unpriced = (sum(one.total() for one in numbers.values()) for numbers in (models, unpriced_models))
    return {
        "starts_at": iso(first_us),
        "slot_seconds": slot_us // 1_000_000,
        "cost_usd": Amount.of_sums(cost, unpriced).dollars,
        "unpriced_tokens": unpriced,
        "by_model": _series(models, unpriced_models, slots),
        "by_project": _series(projects, unpriced_projects, slots),
    }


def _by_slot(numbers: Mapping[Names, int], index_of: IndexOf, by: int) -> dict[str, Counter[int]]:
    """The sums of each name by the number of their slot."""
    found: dict[str, Counter[int]] = {}
    for names, number in numbers.items():
        index = index_of(names[0])
        if index is not None:
            found.setdefault(str(names[by]), Counter())[index] += number
    return found


def _starts_us(span: Span, now_us: int) -> int:
    """The start of the first slot, such that a slot starts with the current day."""
    tomorrow_us = day_ends_us(now_us)
    return tomorrow_us - ((tomorrow_us - now_us - 1) // span.slot_us + span.slots) * span.slot_us


def _series(costs: dict[str, Counter[int]], unpriced: dict[str, Counter[int]], slots: int) -> list[Series]:
    """One series for each of the names with the highest costs, and one for all others."""
    totals = {name: (costs.get(name, NONE).total(), unpriced.get(name, NONE).total()) for name in {**costs, **unpriced}}
    known = [name for name, (_, lacking) in totals.items() if name in costs or lacking]
    ranked = sorted(known, key=lambda name: (-totals[name][0], -totals[name][1], name))
    series = [_one(name, [name], costs, unpriced, slots) for name in ranked[:MAX_SERIES]]
    others = ranked[MAX_SERIES:]
    return [*series, _one(OTHERS, others, costs, unpriced, slots)] if others else series


def _one(
    name: str, names: list[str], costs: dict[str, Counter[int]], unpriced: dict[str, Counter[int]], slots: int
) -> Series:
    """The series of some names together."""
    by_slot, lacking = (
        sum((numbers[each] for each in names if each in numbers), Counter[int]()) for numbers in (costs, unpriced)
    )
    return {
        "name": name,
        "cost_usd": Amount.of_sums(by_slot.total(), lacking.total()).dollars,
        "unpriced_tokens": lacking.total(),
        "slots": [dollars(by_slot[index]) for index in range(slots)],
        "incomplete_slots": sorted(lacking),
    }
