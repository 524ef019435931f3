"""The hook logs as the server reads them: one reading at a time, beside the event loop, for all who ask at once."""

from __future__ import annotations

import threading
import time

from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import Viewer
from chatserver.threads.offload import offload
from exporter.hooks_reader import HooksReader
from exporter.views.sessions import SessionDetails, SessionSummary

KEPT_SECONDS = 2.0


class SessionLogs:
    """A HooksReader that many threads or greenlets share."""

    def __init__(self, reader: HooksReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()  # beside all below, and the reader, which knows of no threads
        self._sessions: list[SessionSummary] = []
        self._read_at = float("-inf")

    def get_all_sessions(self) -> list[SessionSummary]:
        """The sessions of the last 24 hours, newest first, as of 2 seconds ago at most."""
        with self._lock:
            if time.monotonic() - self._read_at >= KEPT_SECONDS:
                self._sessions = offload(self._reader.get_all_sessions)
                self._read_at = time.monotonic()
            return self._sessions

    def get_session_details(self, session_uuid: str) -> SessionDetails | None:
        """A session's calls and summary, however old it is; None where no log names it."""
        with self._lock:
            return offload(lambda: self._reader.get_session_details(session_uuid))


def visible_sessions(sessions: list[SessionSummary], manager: TaskManager, viewer: Viewer) -> list[SessionSummary]:
    """Those that somebody may see: an admin all, a user those of their tasks."""
    if viewer.is_admin:
        return sessions
    own = manager.session_uuids(viewer)
    return [session for session in sessions if session["session_uuid"] in own]


def may_see(session_uuid: str, manager: TaskManager, viewer: Viewer) -> bool:
    """Whether somebody may see a session."""
    return viewer.is_admin or session_uuid in manager.session_uuids(viewer)
