"""Which prices hold, and by which ones the costs in the ledger were counted."""

from __future__ import annotations

from typing import TypedDict

from exporter.ledger.spending_reader import SpendingReader
from exporter.model.clock import iso
from exporter.prices.table import PriceTable


class CountedBy(TypedDict):
    """Prices by which costs were counted from a time on, up to that of the next ones."""

    since: str
    sources: list[str]
    still_hold: bool


class PricesUsed(TypedDict):
    """The sources of the prices that hold now, the most specific first, and those of the ledger, the oldest first."""

    sources: list[str]
    counted_by: list[CountedBy]


def prices_used(prices: PriceTable, ledger: SpendingReader | None) -> PricesUsed:
    """The prices of a report."""
    counted_by: list[CountedBy] = [
        {
            "since": iso(since_seconds * 1_000_000),
            "sources": list(found.sources),
            "still_hold": found.digest == prices.list.digest,
        }
        for since_seconds, found in (ledger.price_lists() if ledger else ())
    ]
    return {"sources": list(prices.sources), "counted_by": counted_by}
