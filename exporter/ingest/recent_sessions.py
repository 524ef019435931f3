"""Sessions counted by group: changed groups are read on, silent ones use hardly any memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from exporter.counting.rules import Counted, SessionCount, call_started_us
from exporter.ingest.follow import Report, SessionGroup, follow
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.sessions import SILENT_US, WINDOW_US, Session
from exporter.sources.pairing import Pairing


class CountedSession(NamedTuple):
    """The result of counting a session: its failed calls, and the start of each open call."""

    session: Session
    errors: int
    open_since_us: tuple[int, ...]

    @classmethod
    def of(cls, count: SessionCount) -> CountedSession:
        """The result from the counting state."""
        opened = count.pairing.open.values()
        return cls(replace(count.session), count.errors, tuple(call_started_us(call, count.session) for call in opened))

    def at(self, now_us: int) -> Session:
        """The session at a time: calls that have been open for 24 hours count as ended."""
        expired = sum(since_us < now_us - WINDOW_US for since_us in self.open_since_us)
        if not expired:
            return self.session
        calls, open_calls = self.session.calls + expired, self.session.open_calls - expired
        return replace(self.session, calls=calls, open_calls=open_calls)


class FollowedGroup:
    """The sessions in one group of directories; `version` grows with every change.

    After an hour of silence only the results are kept; if the group changes again, it is read from the start.
    """

    def __init__(self, group: SessionGroup) -> None:
        self.group = group
        self.version = 0
        self.sessions: Mapping[str, CountedSession] = {}
        self._offsets = MemoryOffsets()
        self._counts: dict[str, SessionCount] | None = {}

    @property
    def written_us(self) -> int:
        """The last write to the group."""
        return max(self._offsets.written_us.values(), default=0)

    def refresh(self, report: Report, now_us: int) -> None:
        """Count what is new and update `sessions`."""
        changed = self._read_on(report)
        if self._offsets.lost or (changed and self._counts is None):
            self._offsets, self._counts = MemoryOffsets(), {}
            changed = self._read_on(report) or True
        if changed and self._counts is not None:
            self.sessions = {name: CountedSession.of(count) for name, count in self._counts.items()}
            self.version += 1
        if self.written_us < now_us - SILENT_US:
            self._counts = None

    def _read_on(self, report: Report) -> bool:
        """Count what is new, unless the counting state was dropped; whether anything is new."""
        counts, changed = self._counts, False
        for read in follow(self.group, self._offsets, report, lambda: not counts):
            changed = True
            if counts is None:
                break
            Counted().count_read(read, lambda session_id: counts.setdefault(session_id, _new(session_id)))
        return changed


def _new(session_id: str) -> SessionCount:
    return SessionCount(Session(session_id), Pairing())
