"""One session's calls, followed from its first line and kept unredacted, so that a page of them costs a page."""

from __future__ import annotations

from collections import OrderedDict
from itertools import chain
from operator import itemgetter

from exporter.counting.rules import Counted, SessionCount
from exporter.ingest.follow import Report, SessionGroup, follow
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.records import LoggedCall, Outcome, ToolCall
from exporter.model.sessions import Session
from exporter.sources.pairing import Pairing

TIME_AND_PHASE = itemgetter(0, 1)
CALL_BYTES = 500  # what a call weighs in memory besides its texts


class SessionLog:
    """A session's lines, wherever they are in `groups`, counted by the exporter's own rules."""

    def __init__(self, session_id: str, groups: tuple[SessionGroup, ...]) -> None:
        self.groups = groups
        self.bytes = 0
        self.count = SessionCount(Session(session_id), Pairing())
        self._offsets = MemoryOffsets()
        self._ended: list[ToolCall] = []

    @property
    def exists(self) -> bool:
        """Whether any line named the session."""
        return bool(self.count.session.last_us)

    @property
    def lost(self) -> bool:
        """Whether something that was read is gone, so that it has to be read again from the start."""
        return self._offsets.lost

    def read(self, report: Report, give_up_us: int) -> None:
        """Count what is new; open calls that began before a moment are given up."""
        reads = chain.from_iterable(follow(group, self._offsets, report) for group in self.groups)
        session_id, counted = self.count.session.session_id, Counted()
        records = [timed for read in reads for timed in read.records if timed.record.session == session_id]
        for timed in sorted(records, key=TIME_AND_PHASE):
            counted.count_record(self.count, timed)
        self.count.pairing.expire(self.count.open_since_before(give_up_us))
        self._ended += self.count.pairing.calls
        self.bytes += sum(CALL_BYTES + len(call.input) + len(call.error) for call in self.count.pairing.calls)
        counted.finish(self.count)

    def calls(self) -> list[LoggedCall]:
        """All calls, in the order in which they started."""
        running = (call.ended(Outcome.UNKNOWN, None) for call in self.count.pairing.open.values())
        calls = [LoggedCall(call, False) for call in self._ended] + [LoggedCall(call, True) for call in running]
        return sorted(calls, key=lambda logged: logged.time_us or 0)


class SessionLogs:
    """The session logs that were read last, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._logs: OrderedDict[str, SessionLog] = OrderedDict()

    def read(self, session_id: str, groups: tuple[SessionGroup, ...], report: Report, give_up_us: int) -> SessionLog:
        """A session's log as of now; only what is new in it is read."""
        log = self._logs.pop(session_id, None)
        if log is None or log.groups != groups:
            log = SessionLog(session_id, groups)
        log.read(report, give_up_us)
        if log.lost:
            log = SessionLog(session_id, groups)
            log.read(report, give_up_us)
        if log.exists:
            self._logs[session_id] = log
            self._trim()
        return log

    def _trim(self) -> None:
        """Forget the logs that were not read for the longest time, as far as all weigh too much."""
        while self._logs and sum(log.bytes for log in self._logs.values()) > self._max_bytes:
            self._logs.popitem(last=False)
