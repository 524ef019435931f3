"""Quotas and budgets: how much is used, when the windows reset, and what will be used by then at the rate so far.

Nothing here depends on the time within a minute, so that snapshots of the same figures are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypedDict

from exporter.counting.block_costs import block_costs, estimated_limit
from exporter.counting.blocks import BLOCK_US, HOUR_US, MIN_ELAPSED, MINUTE_US, cost_at_end
from exporter.counting.budgets import Budgets, Period, SpentBySlot, spent_this_month, spent_today, this_day, this_month
from exporter.counting.messages import SLOT_US
from exporter.model.clock import iso, iso_or_none
from exporter.model.money import Amount, dollars, dollars_or_none
from exporter.sources.quotas import Quota

WINDOWS_US = {"five_hour": BLOCK_US, "seven_day": 7 * 24 * HOUR_US}


class WindowUse(TypedDict):
    """The use of a window of a subscription, as Claude Code has reported it last.

    `per_hour` is its share that was used per hour since the window began, `at_reset` the share that will be used by its
    reset at this rate, `exhausted_at` when all of it is, if that is before. They are None while the window has just
    begun.
    """

    window: str
    used: float
    resets_at: str
    seen_at: str
    per_hour: float | None
    at_reset: float | None
    exhausted_at: str | None


class EstimatedUse(TypedDict):
    """The current block of five hours by its cost, for subscriptions whose use nothing reports.

    `limit_usd` is an estimate: the P90 of the costs of `blocks` blocks of the last 33 days; None if they are too few.
    `at_reset_usd` is the cost by the end of the block at its rate so far; None while it has just begun. No amount has
    the cost of tokens of models without a known price: of `unpriced_tokens` in the block, of `limit_unpriced_tokens`
    in the earlier ones. If all tokens of the block are, its amounts are None.
    """

    starts_at: str
    resets_at: str
    spent_usd: float | None
    unpriced_tokens: int
    limit_usd: float | None
    limit_unpriced_tokens: int
    used: float | None
    at_reset_usd: float | None
    blocks: int


class PeriodUse(TypedDict):
    """The spending of a calendar day or month, its budget, and what it will be by its end at the rate so far.

    At least an hour counts as elapsed, as on the boards. No amount has the cost of `unpriced_tokens`, which are of
    models without a known price; if all tokens are, the amounts are None.
    """

    period: str
    ends_at: str
    spent_usd: float | None
    unpriced_tokens: int
    budget_usd: float | None
    used: float | None
    forecast_usd: float | None


class QuotaReport(TypedDict):
    """The use of quotas and budgets. `spent_last_hour_usd` is the burn rate, without `unpriced_tokens_last_hour`.

    `windows` has what was reported of a subscription. If that lacks the window of five hours, `estimated` has the
    current block, None if there is none. All amounts are None or empty if costs are not read.
    """

    windows: list[WindowUse]
    estimated: EstimatedUse | None
    spent_last_hour_usd: float | None
    unpriced_tokens_last_hour: int
    periods: list[PeriodUse]


def quota_report(quotas: Mapping[str, Quota], slots: SpentBySlot, budgets: Budgets, now_us: int) -> QuotaReport:
    """The report."""
    minute_us = now_us // MINUTE_US * MINUTE_US
    last_hour = slots.amount(lambda numbers: _since(numbers, minute_us - HOUR_US))
    today, month = (slots.amount(partial(spent, now_us=now_us)) for spent in (spent_today, spent_this_month))
    return {
        "windows": _windows(quotas),
        "estimated": None if "five_hour" in quotas else _estimated(slots, minute_us),
        "spent_last_hour_usd": last_hour.dollars,
        "unpriced_tokens_last_hour": last_hour.unpriced_tokens,
        "periods": [
            _period("day", this_day(now_us), today, budgets.day, minute_us),
            _period("month", this_month(now_us), month, budgets.month, minute_us),
        ],
    }


def quota_without_costs(quotas: Mapping[str, Quota]) -> QuotaReport:
    """The report where costs are not read."""
    return {
        "windows": _windows(quotas), "estimated": None, "spent_last_hour_usd": None, "unpriced_tokens_last_hour": 0,
        "periods": [],
    }  # fmt: skip


def _windows(quotas: Mapping[str, Quota]) -> list[WindowUse]:
    return [_window(name, quotas[name], length_us) for name, length_us in WINDOWS_US.items() if name in quotas]


def _window(name: str, quota: Quota, length_us: int) -> WindowUse:
    elapsed_us = length_us - (quota.resets_us - quota.seen_us)
    is_known = MIN_ELAPSED * length_us <= elapsed_us <= length_us
    per_us = quota.used_ratio / elapsed_us if is_known else None
    at_reset = None if per_us is None else per_us * length_us
    exhausted_us = quota.seen_us + (1 - quota.used_ratio) / per_us if per_us and at_reset and at_reset > 1 else None
    return {
        "window": name,
        "used": quota.used_ratio,
        "resets_at": iso(quota.resets_us),
        "seen_at": iso(quota.seen_us),
        "per_hour": None if per_us is None else per_us * HOUR_US,
        "at_reset": at_reset,
        "exhausted_at": iso_or_none(None if exhausted_us is None else max(quota.seen_us, round(exhausted_us))),
    }


def _estimated(slots: SpentBySlot, minute_us: int) -> EstimatedUse | None:
    blocks = block_costs(slots)
    ended = [block for block in blocks if block.end_us <= minute_us]
    current = next((block for block in blocks if block.start_us <= minute_us < block.end_us), None)
    if current is None:
        return None
    limit, spent = estimated_limit(ended), Amount.of_sums(current.cost, current.unpriced_tokens)
    known = spent.picodollars
    return {
        "starts_at": iso(current.start_us),
        "resets_at": iso(current.end_us),
        "spent_usd": spent.dollars,
        "unpriced_tokens": spent.unpriced_tokens,
        "limit_usd": dollars_or_none(limit),
        "limit_unpriced_tokens": sum(block.unpriced_tokens for block in ended),
        "used": known / limit if limit and known is not None else None,
        "at_reset_usd": None if known is None else dollars_or_none(cost_at_end(known, current.start_us, minute_us)),
        "blocks": sum(block.cost > 0 for block in ended),
    }


def _period(name: str, period: Period, spent: Amount, budget: int | None, minute_us: int) -> PeriodUse:
    known, elapsed_us = spent.picodollars, max(HOUR_US, minute_us - period.start_us)
    return {
        "period": name,
        "ends_at": iso(period.end_us),
        "spent_usd": spent.dollars,
        "unpriced_tokens": spent.unpriced_tokens,
        "budget_usd": dollars_or_none(budget),
        "used": known / budget if budget and known is not None else None,
        "forecast_usd": None if known is None else dollars(known * (period.end_us - period.start_us) // elapsed_us),
    }


def _since(slots: Mapping[int, int], since_us: int) -> int:
    return sum(number for slot, number in slots.items() if slot >= since_us // SLOT_US)
