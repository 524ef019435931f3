"""Spending: tokens, costs, requests, the cache and budgets."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family, histogram_family
from exporter.counting.budgets import spent_this_month, spent_today, this_day, this_month
from exporter.counting.catalog import (
    API_REQUESTS,
    CACHE_PREMIUM,
    CACHE_SAVINGS,
    CONTEXT_TOKENS,
    COST,
    SECOND,
    TOKENS,
    UNPRICED_TOKENS,
    WEB_SEARCHES,
)
from exporter.ingest.meter import Meter
from exporter.model.money import PICODOLLARS


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of API usage and budgets."""
    totals = meter.ledger.state.totals
    for counter in (TOKENS, COST, API_REQUESTS, UNPRICED_TOKENS, CACHE_SAVINGS, CACHE_PREMIUM, WEB_SEARCHES):
        yield counter_family(totals, counter)
    yield histogram_family(totals, CONTEXT_TOKENS)
    yield from _spending_and_budgets(meter)
    yield from _periods(meter.clock())


def _spending_and_budgets(meter: Meter) -> Iterator[Metric]:
    slots, now_us = meter.ledger.state.spent, meter.clock()
    yield _by_period(
        "claude_spent_usd",
        "Cost of the current calendar day and month in US dollars, in the exporter's time zone; models without a known"
        " price are excluded (see claude_unpriced_tokens_total).",
        {"day": spent_today(slots, now_us), "month": spent_this_month(slots, now_us)},
    )
    yield _by_period(
        "claude_budget_usd",
        "Budget for a calendar day and month in US dollars, as set by --daily-budget-usd and --monthly-budget-usd;"
        " absent if not set.",
        {"day": meter.budgets.day, "month": meter.budgets.month},
    )


def _periods(now_us: int) -> Iterator[Metric]:
    day, month = this_day(now_us), this_month(now_us)
    yield _by_period(
        "claude_spent_since_timestamp_seconds",
        "Unix timestamp of the start of the calendar day and month of claude_spent_usd.",
        {"day": day.start_us, "month": month.start_us},
        per=SECOND,
    )
    yield _by_period(
        "claude_spent_until_timestamp_seconds",
        "Unix timestamp of the end of the calendar day and month of claude_spent_usd.",
        {"day": day.end_us, "month": month.end_us},
        per=SECOND,
    )


def _by_period(name: str, text: str, amounts: dict[str, int | None], per: int = PICODOLLARS) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=("period",))
    for period, amount in amounts.items():
        if amount is not None:
            family.add_metric((period,), amount / per)
    return family
