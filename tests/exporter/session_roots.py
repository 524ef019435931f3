"""Hook logs and transcripts of the same sessions, and all readers of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from exporter.hooks_reader import HooksReader
from exporter.model.clock import iso
from exporter.model.sessions import Session, status
from exporter.snapshot.live_sessions import LiveSessions
from exporter.views.sessions import SessionSummary, ToolUse


class Roots(NamedTuple):
    """The directories of hook logs and of transcripts."""

    logs: Path
    projects: Path

    def reader(self, now: int) -> HooksReader:
        return HooksReader(self.logs, clock=lambda: now, transcript_roots=[self.projects])

    def live(self, now: int) -> LiveSessions:
        tracker = LiveSessions(self.logs, clock=lambda: now, transcript_roots=[self.projects])
        tracker.refresh(60)
        return tracker


def details(reader: HooksReader, session: str) -> tuple[SessionSummary, list[ToolUse]]:
    found = reader.get_session_details(session)
    assert found
    return found["summary"], found["tools"]


def figures(session: Session, now: int) -> tuple[object, ...]:
    last = iso(session.last_us)
    project = Path(session.project).name
    return status(session, now).value, session.calls + session.open_calls, session.open_calls, project, last
