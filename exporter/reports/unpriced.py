"""Costs of messages that had no known price when they were counted, by the prices of now."""

from __future__ import annotations

from msgspec.structs import replace

from exporter.counting.messages import as_message
from exporter.ingest.uncommitted_spending import UncommittedSpending
from exporter.prices.table import PriceTable


def count_unpriced(uncommitted: UncommittedSpending, prices: PriceTable, since_us: int) -> None:
    """Count the costs of messages that have a price now, of sessions since a time and of those with something new."""
    used, spending = uncommitted.batch.spending.used, uncommitted.batch.spending
    counted = uncommitted.ledger.unpriced_sessions(since_us, {by.session for by in used})
    found = {session for session, model in counted if prices.has_price(model)}
    found |= {by.session for by, usage in used.items() if usage.messages > usage.priced and prices.has_price(by.model)}
    for session_id in sorted(found):
        for message in uncommitted.messages_of(session_id).values():
            cost = prices.cost(as_message(message)) if message.cost is None else None
            if cost:
                spending.count_growth(replace(message, cost=cost), message)
