"""The messages of sessions with transcripts that are too old for the figures of the dashboard, which leave them out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from exporter.counting.budgets import BUDGET_WINDOW_US
from exporter.counting.messages import CountedMessage
from exporter.ingest.noted_spending import NotedSpending
from exporter.ingest.residuals import count_residuals
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ingest.uncommitted_spending import UncommittedSpending
from exporter.ledger.failures import LedgerError
from exporter.ledger.reader import LedgerReader
from exporter.ledger.reading import empty_ledger, read_ledger
from exporter.model.sessions import SETTLE_US
from exporter.prices.table import PriceTable
from exporter.reports.unpriced import count_unpriced
from exporter.sources.files import is_safe_name
from exporter.sources.session_transcripts import session_transcripts, transcript_paths_of


class OlderSpending:
    """Reads the projects of such a session for each answer, as far as the ledger lacks them. Thread-safe."""

    def __init__(self, data_dir: Path, roots: Sequence[str], prices: PriceTable, clock: Callable[[], int]) -> None:
        self._data_dir = data_dir
        self._roots = tuple(roots)
        self._prices = prices
        self._clock = clock

    def messages_of(self, session_id: str) -> list[CountedMessage] | None:
        """The messages of a session in chronological order; None if none of its transcripts is that old."""
        paths = transcript_paths_of(session_id, self._roots, _ignore) if is_safe_name(session_id) else ()
        before_us = self._clock() - BUDGET_WINDOW_US
        files = (file for path in paths for file in session_transcripts(path, _ignore))
        if all(file.modified_ns // 1000 >= before_us for file in files):
            return None
        directories = {path.rpartition(os.sep)[0] for path in paths}
        with suppress(LedgerError), read_ledger(self._data_dir) as ledger:
            if ledger:
                return in_order(self._read(ledger, directories).messages_of(session_id))
        return in_order(self._read(empty_ledger(), directories).messages_of(session_id))

    def _read(self, ledger: LedgerReader, directories: set[str]) -> UncommittedSpending:
        uncommitted = NotedSpending(ledger, self._clock, 0)
        for _ in TranscriptIngest(self._roots, uncommitted, self._prices).ingest(directories):
            pass
        for _ in count_residuals(uncommitted, self._prices, self._clock() - SETTLE_US):
            pass
        count_unpriced(uncommitted, self._prices, 0)
        return uncommitted


def in_order(messages: Mapping[int, CountedMessage]) -> list[CountedMessage]:
    """Messages in chronological order."""
    return sorted(messages.values(), key=lambda message: (message.time_us, message.key))


def _ignore(_path: str, _error: OSError) -> None:
    """What cannot be read is reported by those who read the session itself."""
