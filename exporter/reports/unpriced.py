"""Costs of messages that had no known price when they were counted, by the prices of now."""

from __future__ import annotations

from exporter.counting.messages import Price, as_message
from exporter.counting.session_usage import SessionUsage, UsedBy
from exporter.ingest.uncommitted_spending import UncommittedSpending


def count_unpriced(uncommitted: UncommittedSpending, price: Price, since_us: int) -> None:
    """Add the costs of messages without one to what their sessions since a time used."""
    used = uncommitted.batch.spending.used
    for session_id in sorted({*uncommitted.ledger.unpriced_sessions(since_us), *(by.session for by in used)}):
        for message in uncommitted.messages_of(session_id).values():
            cost = price(as_message(message)) if message.cost is None else None
            if cost:
                by = UsedBy(session_id, message.origin.model, message.origin.agent)
                used[by] = used.get(by, SessionUsage()).plus(SessionUsage(priced=1, cost=cost.total))
