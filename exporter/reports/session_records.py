"""Sessions of any age: from the ledger, and from hook logs and transcripts that it has not read yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from exporter.counting.processes import FOREVER_US
from exporter.counting.project_names import labels_of
from exporter.counting.session_facts import SessionFacts
from exporter.hooks_reader import HooksReader
from exporter.ingest.changed_sessions import Unread, changed_sessions
from exporter.ingest.follow import SessionGroup, group_files
from exporter.ingest.noted_spending import NotedSpending
from exporter.ingest.recent_sessions import CountedSession
from exporter.ingest.residuals import count_residuals
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ledger.reader import LedgerReader
from exporter.ledger.session_pages import ALL_SESSIONS, PageOf, SessionFilter, SessionPages
from exporter.model.bounds import MAX_CLOCK_SKEW_US
from exporter.model.clock import now_us
from exporter.model.listed_session import Listed
from exporter.model.sessions import WINDOW_US
from exporter.prices.table import PriceTable
from exporter.reports.unpriced import count_unpriced
from exporter.sources.known_files import KnownFile
from exporter.sources.session_transcripts import config_dirs, transcript_paths
from exporter.sources.transcript_files import SUFFIX
from exporter.views.requests import RequestSpent, request_spent
from exporter.views.session_list import ListedSession, listed_session
from exporter.views.session_records import SessionRecord, session_record


@dataclass(frozen=True, slots=True)
class _Found:
    """The list of sessions, with what files have beyond the ledger."""

    pages: SessionPages
    unread: Unread
    uncommitted: NotedSpending


class SessionSource:
    """What sessions are read from; files that the ledger has read to their ends are not read again."""

    def __init__(self, reader: HooksReader, roots: tuple[str, ...], prices: PriceTable, ledger: LedgerReader) -> None:
        self.reader = reader
        self._roots = roots
        self._prices = prices
        self._ledger = ledger
        self._reasons: dict[str, str] = {}

    @property
    def unreadable(self) -> dict[str, str]:
        """The reason for each path that could not be read."""
        return self.reader.unreadable | self._reasons

    def listed(self, wanted: SessionFilter, page: PageOf) -> list[ListedSession]:
        """A page of the sessions that a filter selects."""
        now = now_us()
        found = self._found(self._counted_since(wanted.since_us or 0), wanted.since_us or 0)
        return [listed_session(one, now) for one in found.pages.page(wanted, page, now).sessions]

    def records(self, wanted: SessionFilter, page: PageOf) -> list[SessionRecord]:
        """A page of the sessions that a filter selects, with all that is known of them."""
        found = self._found(self._counted_since(wanted.since_us or 0), wanted.since_us or 0)
        return self._records(found, found.pages.page(wanted, page, now_us()).sessions)

    def starting_with(self, start: str) -> list[SessionRecord]:
        """The session with this id, or those that start with it, of any age."""
        named = self._counted_named(start)
        ids = {*named, *(session.session_id for session in self._ledger.records.sessions_starting_with(start))}
        if not ids:
            return []
        if start in ids:
            ids = {start}
        found = self._found([one for session_id, one in named.items() if session_id in ids], 0)
        return self._records(found, found.pages.page(SessionFilter(ids=sorted(ids)), ALL_SESSIONS, now_us()).sessions)

    def requests(self, session_id: str, since_us: int) -> list[RequestSpent]:
        """The API requests of a session that began at a time, in chronological order."""
        uncommitted = self._uncommitted(since_us)
        count_unpriced(uncommitted, self._prices, since_us)
        found = uncommitted.messages_of(session_id).values()
        return [*map(request_spent, sorted(found, key=lambda message: (message.time_us, message.key)))]

    def _counted_since(self, since_us: int) -> list[CountedSession]:
        """The sessions since a time in files that the ledger has not read to their ends."""
        known_files = cache(self._ledger.known_files)  # many sessions are in one directory
        return self.reader.counted_sessions(since_us, lambda group: self._is_read(group, known_files))

    def _counted_named(self, start: str) -> dict[str, CountedSession]:
        """The sessions with this id, or whose ids start with it, in files that the ledger has not read to their ends.

        To read all files takes long, so older ones are only read if nothing else has a session of that name.
        """
        if counted := self.reader.counted_session(start):
            return {counted.session.session_id: counted}
        for since_us in (now_us() - WINDOW_US, 0):
            found = {one.session.session_id: one for one in self._counted_since(since_us)}
            named = {session_id: one for session_id, one in found.items() if session_id.startswith(start)}
            if named or self._ledger.records.sessions_starting_with(start):
                return named
        return {}

    def _is_read(self, group: SessionGroup, known_files: Callable[[str], Mapping[str, KnownFile]]) -> bool:
        """Whether the ledger lists the session of a group, and has read all of its files to their ends."""
        if not self._ledger.listed_rows([group.session]):
            return False
        for file in group_files(group, lambda _directory, _error: None):
            read = known_files(file.directory).get(file.name)
            if read is None or read.file != file:
                return False
        return True

    def _found(self, counted: Iterable[CountedSession], since_us: int) -> _Found:
        by_id = {one.session.session_id: one for one in counted}
        first_us = min((one.session.first_us for one in by_id.values()), default=now_us())
        uncommitted = self._uncommitted(first_us)
        count_unpriced(uncommitted, self._prices, since_us)
        labels = labels_of((one.session for one in by_id.values()), uncommitted.label_projects())
        unread = Unread(by_id, uncommitted.unread_titles(), uncommitted.used(), labels)
        return _Found(self._ledger.session_pages(changed_sessions(self._ledger, unread)), unread, uncommitted)

    def _uncommitted(self, since_us: int) -> NotedSpending:
        """What transcripts of sessions since a time have beyond the ledger."""
        uncommitted = NotedSpending(self._ledger, now_us, since_us - MAX_CLOCK_SKEW_US)
        for _ in TranscriptIngest(self._roots, uncommitted, self._prices).ingest(None):
            pass
        for _ in count_residuals(uncommitted, self._prices, FOREVER_US):
            pass
        self._reasons |= uncommitted.reasons
        return uncommitted

    def _records(self, found: _Found, sessions: Sequence[Listed]) -> list[SessionRecord]:
        """The records of some sessions of the list."""
        ids, now = [one.row.session_id for one in sessions], now_us()
        facts, branches = self._ledger.records.facts(ids), _branches(self._ledger, ids, found.uncommitted)
        places, records = _config_dirs(self._roots, self._ledger), []
        for one in sessions:
            session_id = one.row.session_id
            counted = found.unread.counted.get(session_id)
            of_session = facts[session_id].completed(_read(session_id, found.uncommitted))
            of_session = of_session.completed(counted.facts) if counted else of_session
            files = counted is not None or self.reader.has_files(session_id)
            shown = listed_session(one, now)
            records.append(session_record(shown, of_session, branches[session_id], places[session_id], files=files))
        return records


def _read(session_id: str, uncommitted: NotedSpending) -> SessionFacts:
    """The titles and versions in transcripts that the ledger has not read."""
    batch = uncommitted.batch
    titles = {kind: title for (session, kind), title in batch.titles.items() if session == session_id}
    versions = {version for session, version in batch.versions if session == session_id}
    return SessionFacts(titles=titles, versions=versions)


def _branches(ledger: LedgerReader, ids: Sequence[str], uncommitted: NotedSpending) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set, ledger.records.branches(ids))
    for message in uncommitted.batch.spending.messages.values():
        found[message.origin.session].update(filter(None, [message.origin.branch]))
    return found


def _config_dirs(roots: tuple[str, ...], ledger: LedgerReader) -> Mapping[str, set[str]]:
    """Claude Code's directories with transcripts of sessions, also deleted ones, by session."""
    present = transcript_paths(roots, lambda _path, _error: None)
    found = config_dirs(f"{path}{SUFFIX}" for paths in present.values() for path in paths)
    for session_id, places in ledger.records.config_dirs().items():
        found[session_id] |= places
    return found
