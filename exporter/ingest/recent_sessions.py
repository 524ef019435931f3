"""Sessions counted by group: changed groups are read on, silent ones use hardly any memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from exporter.counting.rules import Counted
from exporter.counting.session_count import EndedCalls, SessionCount, call_started_us
from exporter.counting.session_facts import SessionFacts
from exporter.ingest.follow import Report, SessionGroup, follow, group_files
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.records import ToolCall
from exporter.model.sessions import MINUTE_US, SETTLE_US, WINDOW_US, Session
from exporter.sources.files import LogFile
from exporter.sources.pairing import Pairing

KEEP_STATE_US = 15 * MINUTE_US  # then the counted ids of a session are not worth their memory


class CountedSession(NamedTuple):
    """The result of counting a session: its failed calls, the start of each open call, and its calls and prompts."""

    session: Session
    errors: int
    open_since_us: tuple[int, ...]
    facts: SessionFacts

    @classmethod
    def of(cls, count: SessionCount) -> CountedSession:
        """The result from the counting state."""
        presumed, session = count.pairing.presumed, count.session
        since_us = tuple(call_started_us(call, session) for call in count.pairing.running)
        calls, prompts = count.ended + _numbers(presumed), dict(count.prompts)
        facts = SessionFacts(calls, prompts, first_prompt=count.first_prompt, code=count.changes)
        return cls(replace(session, calls=session.calls + len(presumed), tallies={}), facts.errors, since_us, facts)

    def at(self, now_us: int) -> Session:
        """The session at a time: calls that have been open for 24 hours count as ended."""
        expired = sum(since_us < now_us - WINDOW_US for since_us in self.open_since_us)
        if not expired:
            return self.session
        calls, open_calls = self.session.calls + expired, self.session.open_calls - expired
        return replace(self.session, calls=calls, open_calls=open_calls)


class FollowedGroup:
    """The sessions in one group of directories and transcripts; `version` grows with every change.

    A while after the last line only the results are kept; if the group changes again, it is read from the start.
    """

    __slots__ = ("_files", "_following", "group", "sessions", "version", "written_us")

    def __init__(self, group: SessionGroup) -> None:
        self.group = group
        self.version = 0
        self.written_us = 0
        self.sessions: Mapping[str, CountedSession] = {}
        self._following: _Following | None = _Following()
        self._files = 0

    def refresh(self, report: Report, now_us: int) -> None:
        """Count what is new and update `sessions`."""
        following = self._following
        if following is None and _signature(group_files(self.group, report)) != self._files:
            following = _Following()
        if following is None:
            return
        changed = following.read(self.group, report)
        if following.offsets.lost:
            following, changed = _Following(), True
            following.read(self.group, report)
        if following.settle(now_us - SETTLE_US) or changed or self._following is None:
            self.sessions = {name: CountedSession.of(count) for name, count in following.counts.items()}
            self.written_us = following.offsets.written_us
            self.version += 1
        self._following = following
        last_us = max((counted.session.last_us for counted in self.sessions.values()), default=now_us)
        if last_us < now_us - KEEP_STATE_US:
            self._following, self._files = None, _signature(following.offsets.listed)


class _Following:
    """What reading on needs: how far the files are read, and the sessions with their open calls and counted ids."""

    def __init__(self) -> None:
        self.offsets = MemoryOffsets()
        self.counts: dict[str, SessionCount] = {}

    def read(self, group: SessionGroup, report: Report) -> bool:
        """Count what is new; whether anything is."""
        changed = False
        for read in follow(group, self.offsets, report, lambda: not self.counts):
            Counted().count_read(read, lambda session_id: self.counts.setdefault(session_id, _new(session_id)))
            changed = True
        return changed

    def settle(self, before_us: int) -> bool:
        """End the work whose presumed end is older than a time, so that it takes no memory; whether there was any."""
        unsettled = [count for count in self.counts.values() if count.pairing.may_settle(before_us)]
        for count in unsettled:
            Counted().settle(count, before_us)
        return bool(unsettled)


def _numbers(calls: Iterable[ToolCall]) -> EndedCalls:
    return EndedCalls((call.tool, call.agent, call.outcome) for call in calls)


def _signature(files: Iterable[LogFile]) -> int:
    """A number that changes with the files."""
    return hash(frozenset(files))


def _new(session_id: str) -> SessionCount:
    return SessionCount(Session(session_id), Pairing())
