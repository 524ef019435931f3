"""Sessions of any age as the ledger remembers them, for those whose files are deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from exporter.ledger.file import LedgerError
from exporter.ledger.opening import read_ledger
from exporter.ledger.store import Ledger
from exporter.model.clock import now_us
from exporter.model.money import dollars_or_none
from exporter.model.sessions import Session
from exporter.views.session_records import SessionRecord, session_record
from exporter.views.sessions import PricedSession, priced, summary


class RememberedSessions:
    """Reads the ledger of a data directory, which its exporter may be writing; without one, nothing is remembered."""

    def __init__(self, data_dir: Path, clock: Callable[[], int] = now_us) -> None:
        self._data_dir = data_dir
        self._clock = clock

    def record(self, session_uuid: str, *, files: bool) -> SessionRecord | None:
        """What is remembered of a session, of which there still are files or not; None if nothing is."""
        try:
            with read_ledger(self._data_dir) as ledger:
                return self._record(ledger, session_uuid, files=files) if ledger else None
        except LedgerError:
            return None  # the server reports it with its costs

    def since(self, since_us: int) -> list[PricedSession]:
        """The sessions with a line since a time, newest first."""
        try:
            with read_ledger(self._data_dir) as ledger:
                return self._summaries(ledger, ledger.records.sessions_since(since_us)) if ledger else []
        except LedgerError:
            return []

    def _record(self, ledger: Ledger, session_uuid: str, *, files: bool) -> SessionRecord | None:
        named = ledger.records.sessions_starting_with(session_uuid)
        sessions = [session for session in named if session.session_id == session_uuid]
        if not sessions:
            return None
        (shown,) = self._summaries(ledger, sessions)
        facts, branches = ledger.records.facts([session_uuid]), ledger.records.branches([session_uuid])
        places: Mapping[str, set[str]] = ledger.records.config_dirs()
        return session_record(
            shown, facts[session_uuid], branches.get(session_uuid, ()), places.get(session_uuid, ()), files=files
        )

    def _summaries(self, ledger: Ledger, sessions: Sequence[Session]) -> list[PricedSession]:
        ids, labels, now = [session.session_id for session in sessions], ledger.labels(), self._clock()
        facts, costs = ledger.records.facts(ids), ledger.records.costs(ids)
        newest = sorted(sessions, key=lambda session: (-session.last_us, session.session_id))
        return [
            priced(
                summary(session, facts[session.session_id].errors, now, labels),
                dollars_or_none(costs.get(session.session_id)),
            )
            for session in newest
        ]
