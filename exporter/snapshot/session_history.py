"""The list of sessions of any age: from the ledger, and from what the server has read beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from exporter.ingest.changed_sessions import Unread, changed_sessions
from exporter.ledger.reading import read_ledger_or_empty
from exporter.ledger.session_pages import After, PageOf, SessionFilter, SessionNames, SessionPages, SessionTotals
from exporter.model.clock import now_us
from exporter.views.session_list import ListedSession, listed_session


class HistoryPage(NamedTuple):
    """A page of sessions, where the next one starts, and the sums over all pages, which only the first page has."""

    sessions: list[ListedSession]
    next: After | None
    totals: SessionTotals | None


class SessionHistory:
    """Reads the ledger of a data directory for each page; without one that can be read, what is unread is all."""

    def __init__(self, data_dir: Path, clock: Callable[[], int] = now_us) -> None:
        self._data_dir = data_dir
        self._clock = clock

    def page(self, unread: Unread, wanted: SessionFilter, page: PageOf) -> HistoryPage:
        """A page of the sessions that a filter selects."""
        now = self._clock()
        with self._pages(unread) as pages:
            found = pages.page(wanted, page, now)
            totals = None if page.after else pages.totals(wanted, now)
        return HistoryPage([listed_session(one, now) for one in found.sessions], found.next, totals)

    def names(self, unread: Unread, wanted: SessionFilter) -> SessionNames:
        """The projects, models and agents of the sessions that a filter selects."""
        with self._pages(unread) as pages:
            return pages.names(wanted, self._clock())

    @contextmanager
    def _pages(self, unread: Unread) -> Iterator[SessionPages]:
        with read_ledger_or_empty(self._data_dir) as ledger:
            yield ledger.session_pages(changed_sessions(ledger, unread))
