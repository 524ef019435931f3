"""Quotas and budgets as of what was read last."""

from __future__ import annotations

from exporter.reports.quota_report import QuotaReport, quota_report, quota_without_costs
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending


def quota_now(live: LiveSessions, spending: LiveSpending | None, now_us: int) -> QuotaReport:
    """The report on the dashboard."""
    quotas = live.quotas.current(now_us)
    if spending is None:
        return quota_without_costs(quotas)
    return quota_report(quotas, spending.slots, spending.budgets, now_us)
