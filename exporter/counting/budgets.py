"""Budgets and spending by calendar day and month in the local time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from exporter.counting.messages import SLOT_US
from exporter.model.clock import from_us
from exporter.model.money import Amount
from exporter.model.sessions import WINDOW_US

OVER_A_MONTH = timedelta(days=32)
BUDGET_WINDOW_US = 33 * 24 * 3600 * 1_000_000  # longer than any month


@dataclass(frozen=True, slots=True)
class Budgets:
    """Spending limits in picodollars; None if not configured."""

    day: int | None = None
    month: int | None = None


NO_BUDGETS = Budgets()


class SpentBySlot(NamedTuple):
    """Picodollars, and tokens of models without a known price, by quarter of an hour."""

    costs: Mapping[int, int]
    unpriced: Mapping[int, int] = MappingProxyType({})

    def amount(self, sum_of: Callable[[Mapping[int, int]], int]) -> Amount:
        """What a part of it cost; `sum_of` adds up that part of either."""
        return Amount.of_sums(sum_of(self.costs), sum_of(self.unpriced))


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar day or month, from its start up to the start of the next."""

    start_us: int
    end_us: int


def this_day(now_us: int) -> Period:
    """The current calendar day."""
    return Period(_us(_today(now_us)), day_ends_us(now_us))


def this_month(now_us: int) -> Period:
    """The current calendar month."""
    first = _today(now_us).replace(day=1)
    return Period(_us(first), _us((first + OVER_A_MONTH).replace(day=1)))


def spent_last_day(slots: Mapping[int, int], now_us: int) -> int:
    """Spending in the last 24 hours, in picodollars; `slots` are quarters of an hour."""
    return sum(cost for slot, cost in slots.items() if slot >= (now_us - WINDOW_US) // SLOT_US)


def spent_today(slots: Mapping[int, int], now_us: int) -> int:
    """Spending in the current calendar day, in picodollars; `slots` are quarters of an hour."""
    day = this_day(now_us)
    return _between(slots, day.start_us, day.end_us)


def spent_this_month(slots: Mapping[int, int], now_us: int) -> int:
    """Spending in the current calendar month up to the end of today, in picodollars."""
    return _between(slots, this_month(now_us).start_us, day_ends_us(now_us))


def day_ends_us(now_us: int) -> int:
    """The start of the next calendar day."""
    return _us(_today(now_us) + timedelta(days=1))


def _between(slots: Mapping[int, int], start_us: int, end_us: int) -> int:
    return sum(cost for slot, cost in slots.items() if start_us <= slot * SLOT_US < end_us)


def _today(now_us: int) -> datetime:
    """The local start of today; naive, so that adding a day follows the local clock."""
    return from_us(now_us).astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def _us(local: datetime) -> int:
    return int(local.timestamp()) * 1_000_000
