"""Uncommitted spending for one answer, which itself reports what could not be read."""

from __future__ import annotations

from collections.abc import Callable

from exporter.ingest.uncommitted_spending import UncommittedSpending
from exporter.ledger.reader import LedgerReader
from exporter.model.errors import cause_of


class NotedSpending(UncommittedSpending):
    """Notes in `reasons` why paths cannot be read, where others log it."""

    def __init__(self, ledger: LedgerReader, clock: Callable[[], int], since_us: int) -> None:
        super().__init__(ledger, clock, since_us)
        self.reasons: dict[str, str] = {}

    def report(self, directory: str, error: OSError | None) -> None:
        """Note whether a directory can be read."""
        if error is None:
            self.unreadable.pop(directory, None)
        else:
            self.unreadable[directory] = self.reasons[str(error.filename or directory)] = cause_of(error)
