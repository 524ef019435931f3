"""Sessions of any age: from hook logs and transcripts, and from the ledger, which also has what was deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from exporter.counting.project_names import labels_of
from exporter.counting.session_facts import SessionFacts
from exporter.hooks_reader import HooksReader
from exporter.ingest.recent_sessions import CountedSession
from exporter.ledger.store import Ledger
from exporter.model.clock import now_us
from exporter.model.sessions import Session
from exporter.prices.table import PriceTable
from exporter.reports.cost_groups import Grouping
from exporter.reports.cost_report import report
from exporter.reports.costs import Messages, known_directories
from exporter.sources.session_transcripts import config_dirs, transcript_paths
from exporter.sources.transcript_files import SUFFIX
from exporter.views.session_records import SessionRecord, session_record
from exporter.views.sessions import priced, summary


@dataclass(frozen=True, slots=True)
class SessionSource:
    """What sessions are read from; without a ledger, those whose files are deleted are unknown."""

    reader: HooksReader
    roots: tuple[str, ...]
    prices: PriceTable
    ledger: Ledger | None

    def since(self, since_us: int) -> list[SessionRecord]:
        """The sessions since a time, newest first."""
        found = {counted.session.session_id: counted for counted in self.reader.counted_sessions(since_us)}
        remembered = self.ledger.records.sessions_since(since_us) if self.ledger else []
        return self._records(found, {session.session_id: session for session in remembered})

    def starting_with(self, start: str, since_us: int) -> list[SessionRecord]:
        """The session with this id, or those that start with it: of any age in the ledger, else since a time."""
        counted = self.reader.counted_session(start)
        recent = [counted] if counted else self.reader.counted_sessions(since_us)
        found = {one.session.session_id: one for one in recent if one.session.session_id.startswith(start)}
        named = self.ledger.records.sessions_starting_with(start) if self.ledger else []
        remembered = {session.session_id: session for session in named}
        if start in found or start in remembered:
            found = {key: one for key, one in found.items() if key == start}
            remembered = {key: one for key, one in remembered.items() if key == start}
        return self._records(found, remembered)

    def _records(self, found: dict[str, CountedSession], remembered: dict[str, Session]) -> list[SessionRecord]:
        """The records of sessions that files have, or the ledger remembers, or both."""
        sessions = remembered | {
            session_id: counted.session.completed(remembered.get(session_id, counted.session))
            for session_id, counted in found.items()
        }
        spending = _Spending(self, min((session.first_us for session in sessions.values()), default=0))
        remembered_facts = self.ledger.records.facts(sessions) if self.ledger else {}
        labels = labels_of(sessions.values(), spending.messages.labels)
        places, now, records = _config_dirs(self), now_us(), []
        for session in sorted(sessions.values(), key=lambda session: (-session.last_us, session.session_id)):
            session_id, counted = session.session_id, found.get(session.session_id)
            facts = spending.facts[session_id]
            for known in (remembered_facts.get(session_id), counted.facts if counted else None):
                facts = known.completed(facts) if known else facts
            errors = max(counted.errors if counted else 0, facts.errors)
            shown = priced(summary(session, errors, now, labels), spending.costs.get(session_id))
            branches = spending.branches[session_id]
            records.append(session_record(shown, facts, branches, places[session_id], files=counted is not None))
        return records


class _Spending:
    """The costs, branches, titles and versions in transcripts since a time, in the ledger or not."""

    def __init__(self, source: SessionSource, since_us: int) -> None:
        self.messages = Messages(source.prices, since_us)
        if source.ledger:
            self.messages.start_from(source.ledger)
        self.messages.read_projects(known_directories(source.roots, source.ledger))
        self.facts: dict[str, SessionFacts] = defaultdict(SessionFacts)
        self.branches: dict[str, set[str]] = defaultdict(set)
        found = list(self.messages.all())
        rows = report(found, Grouping(("session",)), since_us, since_us)["rows"]
        self.costs = {row["session"]: row["cost_usd"] for row in rows}
        for message in found:
            self.branches[message.origin.session].update(filter(None, [message.origin.branch]))
        for (session_id, kind), title in self.messages.titles.items():
            self.facts[session_id].titles[kind] = title
        for session_id, version in self.messages.versions:
            self.facts[session_id].versions.add(version)


def _config_dirs(source: SessionSource) -> Mapping[str, set[str]]:
    """Claude Code's directories with transcripts of sessions, also deleted ones, by session."""
    present = transcript_paths(source.roots, lambda _path, _error: None)
    found = config_dirs(f"{path}{SUFFIX}" for paths in present.values() for path in paths)
    for session_id, places in (source.ledger.records.config_dirs() if source.ledger else {}).items():
        found[session_id] |= places
    return found
