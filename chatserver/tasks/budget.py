"""The daily budget: what tasks may cost in a calendar day of the server's time zone."""

from __future__ import annotations

from collections.abc import Callable

from chatserver.tasks.errors import BudgetSpentError
from exporter.model.clock import from_us
from exporter.model.money import dollars


def day_start_us(now_us: int) -> int:
    """The start of the current calendar day, in microseconds since the epoch."""
    # Naive, so that midnight has the UTC offset of midnight, also on a day on which the clocks change.
    midnight = from_us(now_us).astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return int(midnight.timestamp()) * 1_000_000


def check_budget(budget: int | None, spent_since: Callable[[int], int], now_us: int) -> None:
    """Raise BudgetSpentError, with the figures, if the budget of the day is spent."""
    if budget is None:
        return
    spent = spent_since(day_start_us(now_us))
    if spent >= budget:
        cost, limit = (f"${dollars(amount):.2f}" for amount in (spent, budget))
        raise BudgetSpentError(
            f"Today's tasks have cost {cost} of the daily budget of {limit}; wait until tomorrow, or raise"
            " --daily-budget-usd."
        )
