"""The list of sessions where the ledger has all of it, so that no file needs to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from exporter.ledger.session_list_reader import SessionListReader, read_session_list
from exporter.ledger.session_pages import PageOf, SessionFilter
from exporter.model.bounds import MAX_CLOCK_SKEW_US, MAX_INTEGER
from exporter.model.clock import now_us
from exporter.prices.table import PriceTable
from exporter.sources.files import LogFile, absolute, log_files, session_directories
from exporter.sources.known_files import by_directory, unread_files
from exporter.sources.transcript_files import project_directories, transcripts
from exporter.views.session_list import ListedSession, listed_session


def sessions_in_ledger(
    data_dir: Path,
    sessions_dirs: Sequence[Path],
    roots: Iterable[str],
    prices: PriceTable,
    wanted: SessionFilter,
    page: PageOf,
) -> list[ListedSession] | None:
    """A page of the sessions that a filter selects; None if files have more, or cannot be read. Raises LedgerError."""
    since_us, now = wanted.since_us or 0, now_us()
    with read_session_list(data_dir) as ledger:
        if ledger is None or not _has_all(ledger, tuple(absolute(tuple(sessions_dirs))), roots, prices, since_us):
            return None
        return [listed_session(one, now) for one in ledger.session_pages().page(wanted, page, now).sessions]


def _has_all(
    ledger: SessionListReader, sessions_dirs: Iterable[str], roots: Iterable[str], prices: PriceTable, since_us: int
) -> bool:
    """Whether everything is counted that files have on sessions since a time, with the cost of all that has a price."""
    if ledger.past_is_unread() or ledger.unlabelled_projects():
        return False
    if ledger.unsettled_starts(MAX_INTEGER):
        return False
    if any(map(prices.has_price, {model for _, model in ledger.unpriced_sessions(since_us)})):
        return False
    written_ns = (since_us - MAX_CLOCK_SKEW_US) * 1000
    try:
        files = by_directory(file for file in _files(ledger, sessions_dirs, roots) if file.modified_ns >= written_ns)
    except OSError:
        return False
    known = ledger.known_files_of(files)
    return not any(unread_files(here, known[directory]) for directory, here in files.items())


def _files(ledger: SessionListReader, sessions_dirs: Iterable[str], roots: Iterable[str]) -> Iterator[LogFile]:
    """All hook logs and transcripts. Raises OSError if a directory cannot be read."""
    for directory in chain.from_iterable(map(session_directories, sessions_dirs)):
        yield from log_files(directory)
    projects = {*chain.from_iterable(map(project_directories, roots)), *ledger.transcript_directories()}
    for directory in projects:
        yield from transcripts(directory, _fail)


def _fail(error: OSError) -> None:
    raise error
