"""The latest failed tool calls of any range of time, from the files of the sessions that have some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import nlargest
from operator import itemgetter
from typing import NamedTuple, TypedDict

from exporter.hooks_reader import SessionCalls
from exporter.model.clock import iso
from exporter.model.records import LoggedCall, Outcome
from exporter.model.text import label_value, shortened
from exporter.snapshot.latest_errors import MAX_SHOWN, MAX_TEXT, LatestError
from exporter.snapshot.session_cache import Found, SessionCache
from exporter.sources.error_categories import categorize
from exporter.sources.timestamps import to_us
from exporter.views.errors import shown_error
from exporter.views.session_list import ListedSession

MAX_READ = 40  # sessions for one request; the next one continues where it has ended
MAX_KEPT = 20_000  # errors and sessions


class ErrorList(TypedDict):
    """The latest failed calls of a range, the newest first.

    `complete` is false if there may be newer ones in sessions that are not read yet, because there are many; the next
    request continues.
    `sessions_without_files` is the number of newer sessions with failed calls whose files are deleted, and with them
    the texts.
    """

    errors: list[LatestError]
    complete: bool
    sessions_without_files: int


class DatedError(NamedTuple):
    """A failed call, and the time of its end."""

    ended_us: int
    error: LatestError


CallsOf = Callable[[str], SessionCalls | None]  # the calls of a session; None if it has no files


class ErrorsOfRange:
    """Finds errors in sessions, which it reads again only after they have changed. Thread-safe."""

    def __init__(self, calls_of: CallsOf, max_kept: int = MAX_KEPT) -> None:
        self._calls_of = calls_of
        self.sessions = SessionCache(self._read, max_kept)

    def latest(self, sessions: Iterable[ListedSession], since_us: int, until_us: int) -> ErrorList:
        """The latest errors of sessions with failed calls, which are in the order of their last lines, newest first."""
        found: list[DatedError] = []
        reads = deleted = 0
        for session in sessions:
            last_us = to_us(session["last_activity_at"]) or 0
            if len(found) == MAX_SHOWN and found[-1].ended_us >= last_us:
                break
            errors = self.sessions.known(session)
            if errors is None:
                if reads == MAX_READ:
                    return _listed(found, deleted, complete=False)
                errors, reads = self.sessions.read(session), reads + 1
            deleted += not errors.has_files
            in_range = (one for one in errors.items if since_us <= one.ended_us < until_us)
            found = nlargest(MAX_SHOWN, (*found, *in_range), key=itemgetter(0))
        return _listed(found, deleted, complete=True)

    def _read(self, session: ListedSession) -> Found[DatedError]:
        """All failed calls of a session."""
        read = self._calls_of(session["session_uuid"])
        return Found(tuple(_failed(read.calls, session)) if read else (), has_files=read is not None)


def _listed(found: list[DatedError], deleted: int, *, complete: bool) -> ErrorList:
    return {"errors": [error for _, error in found], "complete": complete, "sessions_without_files": deleted}


def _failed(calls: Iterable[LoggedCall], session: ListedSession) -> Iterator[DatedError]:
    for logged in calls:
        call, ended_us = logged.call, logged.call.ended_us or logged.call.started_us
        if call.outcome is Outcome.ERROR and ended_us is not None and not logged.running:
            yield DatedError(
                ended_us,
                {
                    "ended_at": iso(ended_us),
                    "session_uuid": session["session_uuid"],
                    "project": session["project"],
                    "tool": label_value(call.tool),
                    "agent": label_value(call.agent),
                    "category": categorize(call.error).value,
                    "error": shortened(shown_error(call.error), MAX_TEXT),
                },
            )
