"""Sessions: what is known of each, and what it is doing."""

from __future__ import annotations

import msgspec

from exporter.model.records import SessionStatus

MINUTE_US = 60 * 1_000_000
ACTIVE_US = 5 * MINUTE_US
SILENT_US = 60 * MINUTE_US
WINDOW_US = 24 * 60 * MINUTE_US


class Session(msgspec.Struct, gc=False):
    """What the ledger keeps of a session. A run goes from a start (or resume) to its SessionEnd."""

    session_id: str
    project: str = ""
    first_us: int = 0
    last_us: int = 0
    run_started_us: int = 0
    ended: bool = False
    calls: int = 0
    open_calls: int = 0

    def saw(self, time_us: int, *, ends: bool) -> int | None:
        """Take one record's time in; the length of the run in microseconds where the record ends it."""
        newer = time_us >= self.last_us
        self.first_us = min(self.first_us or time_us, time_us)
        self.last_us = max(self.last_us, time_us)
        if self.ended and not newer:
            return None  # a line of the run that has ended, read late
        self.run_started_us = min(self.run_started_us or time_us, time_us)
        self.ended = ends
        if not ends:
            return None
        run_us, self.run_started_us = time_us - self.run_started_us, 0
        return run_us


def status(session: Session, now_us: int) -> SessionStatus:
    """Completed: it ended, or was silent for an hour. Active: a line in 5 minutes, or a tool call open."""
    silent_us = now_us - session.last_us
    if session.ended or silent_us > SILENT_US:
        return SessionStatus.COMPLETED
    return SessionStatus.ACTIVE if session.open_calls or silent_us <= ACTIVE_US else SessionStatus.IDLE


def next_change_us(session: Session, now_us: int) -> int:
    """When the status will change, or the session leave the window, if nothing more is heard of it."""
    moments = (session.last_us + span + 1 for span in (ACTIVE_US, SILENT_US, WINDOW_US))
    return min((moment for moment in moments if moment > now_us), default=now_us)
