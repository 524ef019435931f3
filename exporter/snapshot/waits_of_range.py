"""How long people kept sessions waiting in a range of time, from the files of the sessions, as their pages show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import NamedTuple, TypedDict

from exporter.hooks_reader import SessionCalls, SessionEvents
from exporter.model.clock import milliseconds
from exporter.model.quantiles import quantile
from exporter.model.records import LoggedCall
from exporter.model.session_events import EventKind, SessionEvent
from exporter.model.waiting import WaitReason
from exporter.snapshot.session_cache import Found, SessionCache
from exporter.sources.asked_calls import QUESTION_TOOLS, wait_of_call
from exporter.views.session_list import ListedSession

READ_SECONDS = 2.0  # for one request; the next one continues where it has ended
MAX_KEPT = 100_000  # waits and sessions


class WaitFigures(TypedDict):
    """The waits for one reason that ended in a range: `permission`, or `question`."""

    reason: str
    waits: int
    median_ms: float | None
    p90_ms: float | None
    longest_ms: float | None
    total_ms: float | None


class RangeWaits(TypedDict):
    """How long sessions waited for people.

    `complete` is false if sessions of the range are not read yet, because there are many; the next request continues.
    `sessions_without_files` is the number of those whose files are deleted, and with them the times of their waits.
    """

    reasons: list[WaitFigures]
    complete: bool
    sessions_without_files: int


class EndedWait(NamedTuple):
    """A wait that has ended, and how long it was."""

    reason: WaitReason
    ended_us: int
    length_us: int


class SessionReader(NamedTuple):
    """Reads the calls and the events of a session; None if it has no files."""

    calls_of: Callable[[str], SessionCalls | None]
    events_of: Callable[[str], SessionEvents | None]


class WaitsOfRange:
    """Finds waits in sessions, which it reads again only after they have changed. Thread-safe."""

    def __init__(self, reader: SessionReader) -> None:
        self._reader = reader
        self._sessions = SessionCache(self._read, MAX_KEPT)

    def figures(
        self, sessions: Iterable[ListedSession], since_us: int, until_us: int, seconds: float = READ_SECONDS
    ) -> RangeWaits:
        """The waits of sessions in a range, read for some seconds at most."""
        until, lengths, deleted = monotonic() + seconds, dict[WaitReason, list[int]](), 0
        for session in sessions:
            found = self._sessions.known(session)
            if found is None:
                if monotonic() >= until:
                    return _figures(lengths, deleted, complete=False)
                found = self._sessions.read(session)
            deleted += not found.has_files
            for wait in found.items:
                if since_us <= wait.ended_us < until_us:
                    lengths.setdefault(wait.reason, []).append(wait.length_us)
        return _figures(lengths, deleted, complete=True)

    def _read(self, session: ListedSession) -> Found[EndedWait]:
        """All waits of a session that have ended."""
        calls = self._reader.calls_of(session["session_uuid"])
        events = self._reader.events_of(session["session_uuid"])
        if calls is None or events is None:
            return Found((), has_files=False)
        return Found((*_questions(calls.calls), *_permissions(events.events)), has_files=True)


def _permissions(events: Iterable[SessionEvent]) -> Iterator[EndedWait]:
    for event in events:
        is_request = event.kind is EventKind.PERMISSION and event.tool not in QUESTION_TOOLS
        if is_request and event.until_us is not None:
            yield EndedWait(WaitReason.PERMISSION, event.until_us, max(0, event.until_us - event.time_us))


def _questions(calls: Iterable[LoggedCall]) -> Iterator[EndedWait]:
    """The calls that ask something, which run until they are answered."""
    for call, is_running, _ in calls:
        waited = wait_of_call(call) if call.tool in QUESTION_TOOLS and not is_running else None
        if waited and call.ended_us is not None:
            yield EndedWait(waited[0], call.ended_us, waited[1])


def _figures(lengths: dict[WaitReason, list[int]], deleted: int, *, complete: bool) -> RangeWaits:
    reasons = [_of_reason(reason, sorted(lengths[reason])) for reason in WaitReason if reason in lengths]
    return {"reasons": reasons, "complete": complete, "sessions_without_files": deleted}


def _of_reason(reason: WaitReason, ordered: list[int]) -> WaitFigures:
    return {
        "reason": str(reason),
        "waits": len(ordered),
        "median_ms": milliseconds(quantile(ordered, 0.5)),
        "p90_ms": milliseconds(quantile(ordered, 0.9)),
        "longest_ms": milliseconds(ordered[-1]),
        "total_ms": milliseconds(sum(ordered)),
    }
