"""Keeps the search index up to date where no exporter does: for a server that runs alone, or in another container."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from chatserver.settings import ServerSettings
from exporter.search.view import SearchPage
from exporter.serving.search_indexer import INTERVAL_SECONDS
from exporter.serving.search_process import SearchProcess

MAX_AGE = timedelta(seconds=INTERVAL_SECONDS + 60)  # of an index that an exporter keeps


class SearchIndex:
    """Starts a process that updates the index, once a search finds it old; from then on, each search wakes it."""

    def __init__(self, settings: ServerSettings) -> None:
        keep_seconds = settings.exporter.keep_search_seconds or None  # or for as long as an exporter has stored
        self._process = SearchProcess(settings.exporter, keep_seconds, settings.environment)
        self._lock = threading.Lock()  # guards everything below, and the process
        self._is_own = False
        self._is_closed = False

    def update_after(self, page: SearchPage) -> None:
        """Have the index updated, unless an exporter has done so since some minutes ago. It never waits."""
        with self._lock:
            self._is_own = self._is_own or _is_old(page["indexed_at"])
            if self._is_own and not self._is_closed:
                self._process.wake()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._is_closed = True
            self._process.stop()


def _is_old(indexed_at: str | None) -> bool:
    # An index of the future says nothing: the clock was set back.
    return indexed_at is None or abs(datetime.now(UTC) - datetime.fromisoformat(indexed_at)) > MAX_AGE
