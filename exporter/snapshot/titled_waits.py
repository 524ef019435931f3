"""The sessions that wait, as the dashboard shows them, for a command that does not follow all transcripts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from exporter.ingest.noted_spending import NotedSpending
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ledger.failures import LedgerError
from exporter.ledger.reader import LedgerReader
from exporter.ledger.reading import empty_ledger, read_ledger
from exporter.model.bounds import MAX_CLOCK_SKEW_US
from exporter.model.clock import now_us
from exporter.model.sessions import WINDOW_US
from exporter.model.waiting import Wait
from exporter.prices.table import load_prices
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.titles import titles_of, waits_with_titles
from exporter.snapshot.waiting import TitledWaiting, waiting_now
from exporter.sources.files import is_safe_name
from exporter.sources.session_transcripts import transcript_paths_of


def titled_waits(
    waits: Sequence[Wait], live: LiveSessions, data_dir: Path, roots: Sequence[str]
) -> list[TitledWaiting]:
    """The sessions that wait, with their titles and the labels of their projects.

    Both are from the ledger, and from what transcripts of the sessions' projects have beyond it; where no ledger can be
    read, from these alone.
    """
    with suppress(LedgerError), read_ledger(data_dir) as ledger:
        if ledger:
            return _titled(waits, live, ledger, roots)
    return _titled(waits, live, empty_ledger(), roots)


def _titled(
    waits: Sequence[Wait], live: LiveSessions, ledger: LedgerReader, roots: Sequence[str]
) -> list[TitledWaiting]:
    unread = NotedSpending(ledger, now_us, now_us() - WINDOW_US - MAX_CLOCK_SKEW_US)
    for _ in TranscriptIngest(tuple(roots), unread, load_prices()).ingest(_projects(waits, roots)):
        pass
    shown = waiting_now(waits, live.labels(unread.label_projects()))
    return waits_with_titles(shown, titles_of(shown, live.sessions(), unread))


def _projects(waits: Sequence[Wait], roots: Sequence[str]) -> Iterator[str]:
    """The directories with transcripts of the sessions; a title is one of their lines."""
    for wait in waits:
        if is_safe_name(wait.session_id):
            for path in transcript_paths_of(wait.session_id, roots, lambda _path, _error: None):
                yield path.rpartition(os.sep)[0]
