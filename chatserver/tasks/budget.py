"""The daily budget: what tasks may cost in a calendar day of the server's time zone."""

from __future__ import annotations

from collections.abc import Callable

from chatserver.tasks.errors import BudgetSpentError
from chatserver.tasks.records import RunCosts
from exporter.model.clock import from_us
from exporter.model.money import dollars


def day_start_us(now_us: int) -> int:
    """The start of the current calendar day, in microseconds since the epoch."""
    # Naive, so that midnight has the UTC offset of midnight, also on a day on which the clocks change.
    midnight = from_us(now_us).astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return int(midnight.timestamp()) * 1_000_000


def check_budget(budget: int | None, spent_since: Callable[[int], RunCosts], now_us: int) -> None:
    """Raise BudgetSpentError, with the figures, if what is known of the day's costs spends its budget."""
    if budget is None:
        return
    spent = spent_since(day_start_us(now_us))
    if spent.picodollars >= budget:
        raise BudgetSpentError(
            f"Today's tasks have cost {spent} of the daily budget of ${dollars(budget):.2f}; wait until tomorrow, or"
            " raise --daily-budget-usd."
        )
