"""All that is known of one session."""

from __future__ import annotations

from datetime import datetime

from exporter.model.clock import EPOCH, in_us
from exporter.reports.session_records import SessionSource
from exporter.views.session_events import timeline_event
from exporter.views.session_export import SessionExport
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import tool_use


def session_export(source: SessionSource, record: SessionRecord) -> SessionExport:
    """All of a session; of one whose files are deleted, what the ledger has."""
    session_id = record["session_uuid"]
    calls = source.reader.get_session_calls(session_id) if record["files"] else None
    events = source.reader.get_session_events(session_id) if record["files"] else None
    requests = source.requests(session_id, in_us(datetime.fromisoformat(record["started_at"]) - EPOCH))
    return SessionExport(
        record,
        [tool_use(logged, calls.project) for logged in calls.calls] if calls else [],
        [timeline_event(event, events.project) for event in events.events] if events else [],
        requests,
    )
