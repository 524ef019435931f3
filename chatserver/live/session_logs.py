"""Hook logs and transcripts as the server reads them: offloaded, one reading at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TypeVar

from chatserver.accounts.viewer import Viewer
from chatserver.tasks.manager import TaskManager
from chatserver.threads.offload import offload
from exporter.hooks_reader import HooksReader, SessionCalls, SessionEvents
from exporter.views.sessions import SessionSummary

Listed = TypeVar("Listed", bound=SessionSummary)


class SessionLogs:
    """A HooksReader that many threads or greenlets share."""

    def __init__(self, reader: HooksReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()  # guards the reader, which is not thread-safe

    def get_session_calls(self, session_uuid: str) -> SessionCalls | None:
        """A session's calls, unredacted, and its summary, however old it is; None where nothing names it."""
        with self._lock:
            return offload(lambda: self._reader.get_session_calls(session_uuid))

    def get_session_events(self, session_uuid: str) -> SessionEvents | None:
        """The unredacted events of a session, and where it was started; None where nothing names it."""
        with self._lock:
            return offload(lambda: self._reader.get_session_events(session_uuid))

    def get_whole_text(self, session_uuid: str, event_id: str) -> str | None:
        """The unredacted whole text of an event; None if the session has no event with this id."""
        with self._lock:
            return offload(lambda: self._reader.get_whole_text(session_uuid, event_id))


def visible_sessions(sessions: Sequence[Listed], manager: TaskManager, viewer: Viewer) -> list[Listed]:
    """The sessions that a viewer may see: an admin all, a user those of their tasks."""
    if viewer.is_admin:
        return list(sessions)
    own = manager.session_uuids(viewer)
    return [session for session in sessions if session["session_uuid"] in own]


def may_see(session_uuid: str, manager: TaskManager, viewer: Viewer) -> bool:
    """Whether a viewer may see a session."""
    return viewer.is_admin or session_uuid in manager.session_uuids(viewer)
