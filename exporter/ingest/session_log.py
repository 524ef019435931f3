"""The calls of one session, kept unredacted in memory, so that only the calls of a requested page are redacted."""

from __future__ import annotations

from collections import OrderedDict
from itertools import chain
from operator import itemgetter

from exporter.counting.rules import Counted, SessionCount
from exporter.ingest.follow import Report, SessionGroup, follow
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.records import AgentRun, LoggedCall, LoggedRun, Outcome, ToolCall
from exporter.model.sessions import SETTLE_US, WINDOW_US, Session
from exporter.sources.pairing import Pairing

TIME_AND_PHASE = itemgetter(0, 1)
CALL_BYTES = 500  # memory of a call without its texts


class SessionLog:
    """All lines of a session in `groups`, counted by the same rules as in the exporter.

    Calls keep their inputs and errors.
    """

    def __init__(self, session_id: str, groups: tuple[SessionGroup, ...]) -> None:
        self.groups = groups
        self.bytes = 0
        self.count = SessionCount(Session(session_id), Pairing())
        self._offsets = {group: MemoryOffsets() for group in groups}
        self._ended: list[ToolCall] = []
        self._runs: list[AgentRun] = []

    @property
    def exists(self) -> bool:
        """Whether any line belongs to the session."""
        return bool(self.count.session.last_us)

    @property
    def lost(self) -> bool:
        """Whether a file that was read has shrunk or vanished, so that all must be read again from the start."""
        return any(offsets.lost for offsets in self._offsets.values())

    def refresh(self, report: Report, now_us: int) -> None:
        """Count what is new, and settle and expire calls like the exporter."""
        reads = chain.from_iterable(
            follow(group, offsets, report, inputs=True) for group, offsets in self._offsets.items()
        )
        session_id, counted = self.count.session.session_id, Counted()
        records = [timed for read in reads for timed in read.records if timed.record.session == session_id]
        for timed in sorted(records, key=TIME_AND_PHASE):
            counted.count_record(self.count, timed)
        self.count.pairing.settle(now_us - SETTLE_US)
        self.count.pairing.expire(self.count.open_calls_before(now_us - WINDOW_US))
        self._ended += self.count.pairing.calls
        self.bytes += sum(CALL_BYTES + len(call.input) + len(call.error) for call in self.count.pairing.calls)
        self._runs += self.count.pairing.runs.ended
        counted.finish(self.count)

    def calls(self) -> list[LoggedCall]:
        """All calls, ordered by their start."""
        pairing = self.count.pairing
        calls = [LoggedCall(call, False) for call in (*self._ended, *pairing.presumed)]
        running = (*pairing.running, *pairing.in_background)
        calls += [LoggedCall(call.ended(Outcome.UNKNOWN, None), True) for call in running]
        runs = self._runs_by_agent()
        return sorted((_with_run(call, runs) for call in calls), key=lambda logged: logged.time_us or 0)

    def _runs_by_agent(self) -> dict[str, list[LoggedRun]]:
        """The runs of each sub-agent, by its id, in the order of their starts."""
        runs = [LoggedRun(run, False) for run in self._runs]
        runs += [LoggedRun(run.as_presumed(), run.is_running) for run in self.count.pairing.runs]
        by_agent: dict[str, list[LoggedRun]] = {}
        for logged in sorted(runs, key=lambda logged: logged.run.started_us or 0):
            by_agent.setdefault(logged.run.agent_id, []).append(logged)
        return by_agent


def _with_run(logged: LoggedCall, runs: dict[str, list[LoggedRun]]) -> LoggedCall:
    """A call with the run that it started: the first of its sub-agent after its own start."""
    if not logged.call.started_agent:
        return logged
    since_us, own = logged.call.started_us or 0, runs.get(logged.call.started_agent, ())
    return logged._replace(started=next((found for found in own if (found.run.started_us or 0) >= since_us), None))


class SessionLogs:
    """A cache of the session logs that were used last, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._logs: OrderedDict[str, SessionLog] = OrderedDict()

    def refreshed(self, session_id: str, groups: tuple[SessionGroup, ...], report: Report, now_us: int) -> SessionLog:
        """The current log of a session; only what is new is read."""
        log = self._logs.pop(session_id, None)
        if log is None or log.groups != groups:
            log = SessionLog(session_id, groups)
        log.refresh(report, now_us)
        if log.lost:
            log = SessionLog(session_id, groups)
            log.refresh(report, now_us)
        if log.exists:
            self._logs[session_id] = log
            self._trim()
        return log

    def _trim(self) -> None:
        """Drop the least recently used logs until the rest is within the limit."""
        while self._logs and sum(log.bytes for log in self._logs.values()) > self._max_bytes:
            self._logs.popitem(last=False)
