"""Sessions counted group by group: what changed is read on, and what rests keeps next to nothing in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from exporter.counting.rules import Counted, SessionCount, began_us
from exporter.ingest.follow import Report, SessionGroup, follow
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.sessions import SILENT_US, WINDOW_US, Session
from exporter.sources.pairing import Pairing


class CountedSession(NamedTuple):
    """A session as its lines have it, how many calls failed in it, and since when each of its open calls is open."""

    session: Session
    errors: int
    open_since_us: tuple[int, ...]

    @classmethod
    def of(cls, count: SessionCount) -> CountedSession:
        """What is kept of a session."""
        opened = count.pairing.open.values()
        return cls(replace(count.session), count.errors, tuple(began_us(call, count.session) for call in opened))

    def at(self, now_us: int) -> Session:
        """The session as of now: calls that have been open for 24 hours are given up."""
        given_up = sum(since_us < now_us - WINDOW_US for since_us in self.open_since_us)
        if not given_up:
            return self.session
        calls, still_open = self.session.calls + given_up, self.session.open_calls - given_up
        return replace(self.session, calls=calls, open_calls=still_open)


class FollowedGroup:
    """The sessions in one group of directories; `version` grows with every change.

    Once a group was silent for an hour, it keeps its results alone: if it changes after all, it is read from the start.
    """

    def __init__(self, group: SessionGroup) -> None:
        self.group = group
        self.version = 0
        self.sessions: Mapping[str, CountedSession] = {}
        self._offsets = MemoryOffsets()
        self._counts: dict[str, SessionCount] | None = {}

    @property
    def written_us(self) -> int:
        """When it was last written to."""
        return max(self._offsets.written_us.values(), default=0)

    def read(self, report: Report, now_us: int) -> None:
        """Count what is new."""
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
        """Count what is new where counts are kept; whether anything is."""
        counts, changed = self._counts, False
        for read in follow(self.group, self._offsets, report, lambda: not counts):
            changed = True
            if counts is None:
                break
            Counted().count_read(read, lambda session_id: counts.setdefault(session_id, _new(session_id)))
        return changed


def _new(session_id: str) -> SessionCount:
    return SessionCount(Session(session_id), Pairing())
