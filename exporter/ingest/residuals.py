"""Counts what sessions spent beyond their messages, once all of their transcripts have been read."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.counting.not_itemized import not_itemized
from exporter.counting.processes import Lineage
from exporter.ingest.batch_filler import BatchFiller
from exporter.prices.table import PriceTable

PAUSE_LINEAGES = 64  # a long count yields to scrapes after this number


def count_residuals(writer: BatchFiller, prices: PriceTable, settle_before_us: int) -> Iterator[int]:
    """Count the residuals of sessions without a line since a time; yields like Meter.refresh.

    The lines of a sub-agent may be written a little later than the cost-state that includes them.
    """
    for number, lineage in enumerate(_unsettled(writer, settle_before_us), start=1):
        if not _is_unreadable(lineage, writer):
            yield from _count(lineage, writer, prices, settle_before_us)
        if number % PAUSE_LINEAGES == 0:
            yield 0


def _unsettled(writer: BatchFiller, before_us: int) -> Iterator[Lineage]:
    ledger, new = writer.ledger, writer.batch.cost_states
    starts = {state.started_us for state in new if state.time_us <= before_us and state.key not in writer.batch.settled}
    for started_us in sorted(starts.union(ledger.unsettled_starts(before_us))):
        states = [*ledger.cost_states(started_us), *(state for state in new if state.started_us == started_us)]
        parents = ledger.parents({state.session for state in states}) | writer.batch.parents
        yield Lineage.of(states, parents)


def _is_unreadable(lineage: Lineage, writer: BatchFiller) -> bool:
    """Whether messages may be in files that cannot be read; they would be counted once more when they can."""
    return any(state.directory in writer.unreadable for states in lineage.states.values() for state in states)


def _count(lineage: Lineage, writer: BatchFiller, prices: PriceTable, settle_before_us: int) -> Iterator[int]:
    def count(session: str) -> None:
        messages = writer.messages_of(session)
        growths, complete = not_itemized(lineage, session, messages, prices.cost, settle_before_us)
        for growth in growths:
            writer.batch.prices = prices.list
            writer.batch.spending.count_growth(*growth)
        if complete:
            writer.batch.settled.update(state.key for state in lineage.states[session])

    yield from writer.count_each(lineage.states, count)
