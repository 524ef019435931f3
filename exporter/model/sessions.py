"""Sessions and their status."""

from __future__ import annotations

import msgspec

from exporter.model.records import SessionStatus

MINUTE_US = 60 * 1_000_000
ACTIVE_US = 5 * MINUTE_US
SILENT_US = 60 * MINUTE_US
WINDOW_US = 24 * 60 * MINUTE_US


class Session(msgspec.Struct, gc=False):
    """A session as the ledger stores it. A run lasts from a start or resume to SessionEnd."""

    session_id: str
    project: str = ""
    first_us: int = 0
    last_us: int = 0
    run_started_us: int = 0
    ended: bool = False
    calls: int = 0
    open_calls: int = 0

    def note_activity(self, time_us: int, *, ends: bool) -> int | None:
        """Update the times from one record; return the length of the run in microseconds if the record ends it."""
        newer = time_us >= self.last_us
        self.first_us = min(self.first_us or time_us, time_us)
        self.last_us = max(self.last_us, time_us)
        if self.ended and not newer:
            return None  # a late line of the run that has already ended
        self.run_started_us = min(self.run_started_us or time_us, time_us)
        self.ended = ends
        if not ends:
            return None
        run_us, self.run_started_us = time_us - self.run_started_us, 0
        return run_us


def status(session: Session, now_us: int) -> SessionStatus:
    """COMPLETED after its end or an hour of silence; ACTIVE with a line in 5 minutes or an open call; else IDLE."""
    silent_us = now_us - session.last_us
    if session.ended or silent_us > SILENT_US:
        return SessionStatus.COMPLETED
    return SessionStatus.ACTIVE if session.open_calls or silent_us <= ACTIVE_US else SessionStatus.IDLE


def next_change_us(session: Session, now_us: int) -> int:
    """The time at which the status changes or the session leaves the window if it logs nothing more."""
    moments = (session.last_us + span + 1 for span in (ACTIVE_US, SILENT_US, WINDOW_US))
    return min((moment for moment in moments if moment > now_us), default=now_us)
