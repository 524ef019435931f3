"""Reads what the reports on costs need: from the ledger, and from the transcripts what it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from exporter.counting.messages import CountedMessage
from exporter.ledger.failures import LedgerError
from exporter.ledger.spending_reader import SpendingReader, read_spending
from exporter.model.track import Track
from exporter.prices.table import PriceTable
from exporter.reports.costs import Messages, known_directories
from exporter.reports.prices_used import PricesUsed, prices_used
from exporter.reports.profiles import sessions_elsewhere


class CostsRead(NamedTuple):
    """All messages since a time, the prices by which they cost what they do, and what could not be read."""

    messages: list[CountedMessage]
    prices: PricesUsed
    warnings: list[str]


class CostSource(msgspec.Struct, frozen=True):
    """Where costs are read. It is `limited` to sessions of these directories if somebody has chosen them."""

    data_dir: Path
    transcript_roots: tuple[str, ...]
    is_limited: bool
    prices: PriceTable

    def read(self, since_us: int, track: Track = iter) -> CostsRead:
        """The messages since a time; without those of the ledger if it cannot be read."""
        try:
            with read_spending(self.data_dir) as ledger:
                return self._read(since_us, ledger, track, is_limited=self.is_limited)
        except LedgerError as error:
            read = self._read(since_us, None, track, is_limited=True)
            return read._replace(warnings=[f"{error} Costs come from the transcripts alone", *read.warnings])

    def _read(self, since_us: int, ledger: SpendingReader | None, track: Track, *, is_limited: bool) -> CostsRead:
        """Read the ledger and what it lacks; unless the directories were chosen, also those that only hooks name."""
        messages, roots = Messages(self.prices, since_us), self.transcript_roots
        if ledger:
            messages.start_from(ledger, sessions_elsewhere(ledger, roots) if is_limited else frozenset())
        messages.read_projects(known_directories(roots, None if is_limited else ledger), track)
        unreadable = (
            f"{path} cannot be read ({reason}); its data is missing here"
            for path, reason in messages.unreadable.items()
        )
        used = prices_used(self.prices, ledger)
        return CostsRead(list(messages.all()), used, [*self.prices.warnings, *unreadable])
