"""Sessions of any age as the ledger remembers them, for those whose files are deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from exporter.ledger.failures import LedgerError
from exporter.ledger.reader import LedgerReader
from exporter.ledger.reading import read_ledger
from exporter.model.clock import now_us
from exporter.model.listed_session import Listed
from exporter.views.session_list import listed_session
from exporter.views.session_records import SessionRecord, session_record


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

    def _record(self, ledger: LedgerReader, session_uuid: str, *, files: bool) -> SessionRecord | None:
        row = ledger.listed_rows([session_uuid]).get(session_uuid)
        if row is None:
            return None
        shown = listed_session(Listed(row, ledger.labels().get(row.project, "")), self._clock())
        facts, branches = ledger.records.facts([session_uuid]), ledger.records.branches([session_uuid])
        places: Mapping[str, set[str]] = ledger.records.config_dirs()
        return session_record(
            shown, facts[session_uuid], branches.get(session_uuid, ()), places.get(session_uuid, ()), files=files
        )
