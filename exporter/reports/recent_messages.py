"""The messages since a time, for reports: from the ledger, and from what it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from exporter.counting.budgets import BUDGET_WINDOW_US, SpentBySlot
from exporter.counting.messages import SLOT_US, CountedMessage
from exporter.ledger.reader import LedgerReader
from exporter.prices.table import PriceTable
from exporter.reports.costs import Messages, known_directories

RECENT_US = BUDGET_WINDOW_US


def recent_messages(ledger: LedgerReader | None, roots: tuple[str, ...], prices: PriceTable, since_us: int) -> Messages:
    """The messages since a time."""
    messages = Messages(prices, since_us)
    if ledger:
        messages.start_from(ledger)
    messages.read_projects(known_directories(roots, ledger))
    return messages


def by_slot(messages: Iterable[CountedMessage]) -> SpentBySlot:
    """What messages cost, by quarter of an hour."""
    costs, unpriced = Counter[int](), Counter[int]()
    for message in messages:
        if message.cost:
            costs[message.time_us // SLOT_US] += message.cost.total
        else:
            unpriced[message.time_us // SLOT_US] += message.usage.tokens
    return SpentBySlot(costs, unpriced)
