"""The calls of one session, kept unredacted in memory, so that only the calls of a requested page are redacted."""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from collections.abc import Set
from itertools import chain
from operator import itemgetter

from exporter.counting.rules import Counted
from exporter.counting.session_count import SessionCount
from exporter.ingest.event_log import EventLog, StartedIn
from exporter.ingest.follow import Report, SessionGroup, follow
from exporter.ingest.offsets import MemoryOffsets
from exporter.ingest.whole_texts import whole_text
from exporter.model.records import AgentRun, HookRecord, LoggedCall, LoggedRun, Outcome, Phase, ToolCall
from exporter.model.session_events import SessionEvent
from exporter.model.sessions import SETTLE_US, WINDOW_US, Session
from exporter.sources.merged_events import with_waits
from exporter.sources.open_calls import Evidence
from exporter.sources.pairing import Pairing

TIME_AND_PHASE = itemgetter(0, 1)
MAX_INSERTED = 100
CALL_BYTES = 500  # memory of a call without its texts


class SessionLog:
    """All lines of a session in `groups`, counted by the same rules as in the exporter.

    Calls keep their inputs and errors. `is_outdated` if all must be read again from the start: because a file that was
    read has shrunk or vanished, or because the end of a call is reported that was presumed before. Counters keep what
    was presumed, as they never decrease; a view shows what files report now, whenever it was opened.
    """

    def __init__(self, session_id: str, groups: tuple[SessionGroup, ...]) -> None:
        self.groups = groups
        self._call_bytes = 0
        self.count = SessionCount(Session(session_id), Pairing())
        self._event_log = EventLog(session_id, groups)
        self._offsets = {group: MemoryOffsets() for group in groups}
        self._presumed: set[str] = set()  # ids of ended calls whose ends neither a hook nor a transcript reports
        self._is_late = False
        self._ended: list[LoggedCall] = []  # in the order of their starts
        self._launches: list[ToolCall] = []  # whose runs of sub-agents may still change
        self._runs: list[AgentRun] = []

    @property
    def exists(self) -> bool:
        """Whether any line belongs to the session."""
        return bool(self.count.session.last_us)

    @property
    def bytes(self) -> int:
        """About the memory of its calls and events."""
        return self._call_bytes + self._event_log.bytes

    @property
    def started_in(self) -> StartedIn:
        """Where the session was started, as the events that were read show."""
        return self._event_log.started_in

    @property
    def is_outdated(self) -> bool:
        """Whether all must be read again from the start."""
        return self._is_late or any(offsets.lost for offsets in self._offsets.values())

    def refresh(self, report: Report, now_us: int) -> None:
        """Count what is new, and settle and expire calls like the exporter."""
        reads = chain.from_iterable(
            follow(group, offsets, report, inputs=True) for group, offsets in self._offsets.items()
        )
        session_id, counted = self.count.session.session_id, Counted()
        records = [timed for read in reads for timed in read.records if timed.record.session == session_id]
        self._is_late = any(_reports_end_of(timed.record, self._presumed) for timed in records)
        for timed in sorted(records, key=TIME_AND_PHASE):
            counted.count_record(self.count, timed)
        self._settle(now_us)
        _insert(self._ended, [LoggedCall(call, False) for call in self.count.pairing.calls if not call.started_agent])
        self._launches += [call for call in self.count.pairing.calls if call.started_agent]
        self._call_bytes += sum(CALL_BYTES + len(call.input) + len(call.error) for call in self.count.pairing.calls)
        self._runs += self.count.pairing.runs.ended
        counted.finish(self.count)

    def _settle(self, now_us: int) -> None:
        """End the calls whose presumed ends are old enough, and those that have been open for too long."""
        pairing = self.count.pairing
        presumed = {
            key for key, call in pairing.open.items() if call.end is None or call.end.evidence < Evidence.TRANSCRIPT
        }
        pairing.settle(now_us - SETTLE_US)
        pairing.expire(self.count.open_calls_before(now_us - WINDOW_US))
        self._presumed |= presumed - pairing.open.keys()

    def calls(self) -> list[LoggedCall]:
        """All calls, ordered by their start."""
        pairing = self.count.pairing
        others = [LoggedCall(call, False) for call in (*self._launches, *pairing.presumed)]
        running = (*pairing.running, *pairing.in_background)
        others += [LoggedCall(call.ended(Outcome.UNKNOWN, None), True) for call in running]
        runs, calls = self._runs_by_agent() if others else {}, self._ended.copy()
        _insert(calls, [_with_run(call, runs) for call in others])
        return calls

    def events(self, report: Report) -> list[SessionEvent]:
        """All events with their texts, in chronological order."""
        return with_waits(self._event_log.refreshed(report), self.calls())

    def whole_text(self, event: SessionEvent, report: Report) -> str:
        """The whole text of an event."""
        return whole_text(event, self.groups, report)

    def _runs_by_agent(self) -> dict[str, list[LoggedRun]]:
        """The runs of each sub-agent, by its id, in the order of their starts."""
        runs = [LoggedRun(run, False) for run in self._runs]
        runs += [LoggedRun(run.as_presumed(), run.is_running) for run in self.count.pairing.runs]
        by_agent: dict[str, list[LoggedRun]] = {}
        for logged in sorted(runs, key=lambda logged: logged.run.started_us or 0):
            by_agent.setdefault(logged.run.agent_id, []).append(logged)
        return by_agent


def _reports_end_of(record: HookRecord, call_ids: Set[str]) -> bool:
    """Whether a record says how one of these calls has ended."""
    is_end = record.phase is Phase.END and record.outcome not in {None, Outcome.UNKNOWN}
    return is_end and record.call_id in call_ids


def _insert(calls: list[LoggedCall], new: list[LoggedCall]) -> None:
    """Insert calls in the order of their starts; a few, without looking at all others."""
    if len(new) > MAX_INSERTED:
        calls += new
        calls.sort(key=_start_us)
        return
    for call in new:
        insort(calls, call, key=_start_us)


def _start_us(logged: LoggedCall) -> int:
    return logged.time_us or 0


def _with_run(logged: LoggedCall, runs: dict[str, list[LoggedRun]]) -> LoggedCall:
    """A call with the run that it started: the first of its sub-agent after its own start."""
    if not logged.call.started_agent:
        return logged
    since_us, own = logged.call.started_us or 0, runs.get(logged.call.started_agent, ())
    return logged._replace(started=next((found for found in own if (found.run.started_us or 0) >= since_us), None))


class SessionLogs:
    """A cache of the session logs that were used last, up to a number of bytes, but of the last one at any size."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._logs: OrderedDict[str, SessionLog] = OrderedDict()

    def refreshed(self, session_id: str, groups: tuple[SessionGroup, ...], report: Report, now_us: int) -> SessionLog:
        """The current log of a session; only what is new is read."""
        log = self._logs.pop(session_id, None)
        if log is None or log.groups != groups:
            log = SessionLog(session_id, groups)
        log.refresh(report, now_us)
        if log.is_outdated:
            log = SessionLog(session_id, groups)
            log.refresh(report, now_us)
        if log.exists:
            self._logs[session_id] = log
            self._trim()
        return log

    def _trim(self) -> None:
        """Drop the least recently used logs until the rest is within the limit."""
        while len(self._logs) > 1 and sum(log.bytes for log in self._logs.values()) > self._max_bytes:
            self._logs.popitem(last=False)
