"""The day's budget: what tasks may cost in a calendar day of the server's time zone."""

from __future__ import annotations

from collections.abc import Callable

from chatserver.tasks.errors import BudgetSpentError
from exporter.model.clock import from_us
from exporter.model.money import dollars


def day_began_us(now_us: int) -> int:
    """When the present calendar day began."""
    # Naive, so that the clock of that moment holds, also on a day on which it is changed.
    midnight = from_us(now_us).astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return int(midnight.timestamp()) * 1_000_000


def check_budget(budget: int | None, spent_since: Callable[[int], int], now_us: int) -> None:
    """Raises BudgetSpentError with the figures once the day's budget is spent."""
    if budget is None:
        return
    spent = spent_since(day_began_us(now_us))
    if spent >= budget:
        cost, most = (f"${dollars(amount):.2f}" for amount in (spent, budget))
        raise BudgetSpentError(
            f"Today's tasks have cost {cost} of the daily budget of {most}; wait until tomorrow, or raise"
            " --daily-budget-usd."
        )
