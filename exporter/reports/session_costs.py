"""The costs of sessions, read directly from transcripts by the rules of the cost report."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.prices.table import PriceTable
from exporter.reports.cost_report import report
from exporter.reports.costs import Messages, transcript_directories
from exporter.sources.timestamps import to_us
from exporter.views.sessions import PricedSession, SessionSummary, priced


def with_costs(sessions: Sequence[SessionSummary], roots: Sequence[str], prices: PriceTable) -> list[PricedSession]:
    """The sessions with their costs; None if no transcript has a message of the session with a known price."""
    first_us = min((to_us(session["started_at"]) or 0 for session in sessions), default=0)
    messages = Messages(prices, first_us)
    if any("transcript" in session["witnesses"] for session in sessions):
        messages.read_projects(transcript_directories(roots))
    rows = report(messages.all(), "session", first_us, first_us)["rows"]
    costs = {row["session"]: row["cost_usd"] for row in rows}
    return [priced(session, costs.get(session["session_uuid"])) for session in sessions]
