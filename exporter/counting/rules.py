"""The rules by which records of sessions and tool calls are counted, one session at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from exporter.counting.catalog import (
    BYTES_READ,
    LINES,
    PROMPTS,
    SESSION_DURATION,
    SUBAGENT_DURATION,
    SUBAGENTS_ENDED,
    SUBAGENTS_STARTED,
    TOOL_CALL_DURATION,
    TOOL_CALLS,
    TOOL_ERRORS,
    WAIT_DURATION,
)
from exporter.counting.code import count_code
from exporter.counting.hook_events import COUNTED_EVENTS, EVENT_COUNTERS
from exporter.counting.session_count import SessionCount
from exporter.counting.shared_events import SCHEDULED, is_repeated, shared_counter
from exporter.counting.totals import Increments
from exporter.model.bounds import MAX_CALL_US, MAX_RUN_US
from exporter.model.records import (
    CALL_PHASES,
    PROCESS_END,
    ErrorCategory,
    HookRecord,
    LineResult,
    Outcome,
    ToolCall,
    Witness,
)
from exporter.model.sessions import Session
from exporter.sources.agent_runs import AgentRuns
from exporter.sources.asked_calls import wait_of_call
from exporter.sources.call_hours import end_of, kind_of
from exporter.sources.code_changes import CodeHours, code_hours
from exporter.sources.decoded_lines import TimedRecord
from exporter.sources.directory_reader import DirectoryRead
from exporter.sources.paired_calls import PairedCalls
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE
from exporter.sources.turns import apply_turn


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A call in a histogram bucket, which links the bucket to the session."""

    session_id: str
    duration_us: int
    ended_us: int | None


@dataclass(slots=True)
class Counted:
    """The results of counting a batch of records; `started` has the project and first time of each new session."""

    increments: Increments = field(default_factory=Increments)
    exemplars: dict[tuple[str, int], Exemplar] = field(default_factory=dict)
    transcripts: set[str] = field(default_factory=set)
    started: list[tuple[str, int]] = field(default_factory=list)

    def count_read(self, read: DirectoryRead, session_of: Callable[[str], SessionCount]) -> None:
        """Count the new records of a session's files, which may contain lines of other sessions, too."""
        if read.paired:
            self._count_paired(session_of(read.session), read.paired)
        for session_id, records in read.by_session().items():
            self.count_records(session_of(session_id), records)
        if read.paired:
            session_of(read.session).pairing.runs.extend_all(read.paired.active_us)
            self.finish(session_of(read.session))
        for (source, result), times in read.lines.items():
            self.increments.count(LINES, (source, result), times)
        for source, size in read.bytes_read.items():
            self.increments.count(BYTES_READ, (source,), size)

    def count_records(self, count: SessionCount, records: Iterable[TimedRecord]) -> None:
        """Count records of one session, which must be in chronological order."""
        for timed in records:
            self.count_record(count, timed)
        self.finish(count)

    def count_record(self, count: SessionCount, timed: TimedRecord) -> None:
        """Count one record of any witness; the calls that it ends are counted by `finish`."""
        if timed.source == TRANSCRIPT_SOURCE:
            count.adopt_project(timed.record.project)
            self.count_transcript_record(count, timed.record, timed.seen_us)
        else:
            self.increments.count(LINES, (timed.source, self._count_hook_line(count, timed)))

    def count_transcript_record(self, count: SessionCount, record: HookRecord, written_us: int) -> None:
        """Count one record of a transcript, last written at a time; the calls that it ends are counted by `settle`."""
        if record.time_us is None:
            count.undated_us = max(count.undated_us, written_us)
            record = replace(record, time_us=count.session.transcript_last_us or None)
        else:
            self._observe_run(count.session.update_from_transcript(record.time_us))
        if record.event == PROCESS_END:
            count.session.transcript_ended = True
        count.pairing.apply_transcript(record, written_us)
        if record.event or record.prompt:
            self._count_shared_event(count, record, Witness.TRANSCRIPT)

    def settle(self, count: SessionCount, before_us: int) -> None:
        """Count the calls whose presumed ends are older than `before_us`."""
        count.pairing.settle(before_us)
        self.finish(count)

    def settle_results(self, count: SessionCount, before_us: int) -> None:
        """Count the calls whose results are older than `before_us`, once all transcripts of their session are read."""
        count.pairing.settle_results(before_us)
        self.finish(count)

    def finish(self, count: SessionCount) -> None:
        """Count the calls that have ended, and the session itself if it is new."""
        count.session.update_from_undated_transcript(count.undated_us)
        calls = count.pairing.calls
        for call in calls:
            kind, end = kind_of(call), end_of(call, count.session.last_us)
            self._count_call(call, kind.category, count.session.session_id)
            count.ends[kind].append(end)
            if call.change and call.outcome is Outcome.SUCCESS:
                self._count_changes(count, CodeHours(dict(code_hours(call.change, end[0]))))
        count.session.calls += len(calls)
        calls.clear()
        self._count_runs(count.pairing.runs, count.session)
        count.session.open_calls = len(count.pairing.running)
        count.session.background_calls = len(count.pairing.in_background)
        count.session.running_agents = len(count.pairing.runs.running)
        count.session.awaits_project |= count.is_new
        count.is_new = False
        if count.session.project:
            self.start(count.session)

    def start(self, session: Session) -> None:
        """Count a session as started, unless it was counted before, or only an end of it is known so far."""
        if session.awaits_project and not session.is_lone_end:
            self.started.append((session.project, session.first_us))
            session.awaits_project = False

    def merge(self, other: Counted) -> None:
        """Add the results of another batch."""
        self.increments.merge(other.increments)
        self.exemplars |= other.exemplars
        self.transcripts |= other.transcripts
        self.started += other.started

    def discard(self) -> None:
        """Discard all counts of the batch."""
        self.increments.clear()
        self.exemplars.clear()
        self.started.clear()

    def end_transcript_run(self, session: Session) -> None:
        """Count the run of a session whose transcript has ended, unless hooks report the session."""
        self._observe_run(session.end_transcript_run())

    def end_silent_run(self, session: Session) -> None:
        """End the run of a session that neither a hook nor a line of the transcript continues."""
        if session.run_started_us:
            self._observe_run(session.hook_last_us - session.run_started_us)
            session.run_started_us, session.ended = 0, True
        self.end_transcript_run(session)

    def _count_paired(self, count: SessionCount, calls: PairedCalls) -> None:
        """Count the paired calls of a session that was never counted before."""
        session, times = count.session, self.increments.counters
        count.adopt_project(calls.project)
        session.update_from_hook(calls.first_us, ends=False)
        session.update_from_hook(calls.last_us, ends=False)
        session.calls += len(calls.call_ids)
        count.pairing.seen.update(calls.call_ids)
        count.pairing.new_seen += calls.call_ids
        for kind, ends in calls.ends.items():
            times[TOOL_CALLS.name, (kind.tool, kind.agent, kind.outcome)] += len(ends)
            if kind.category:
                times[TOOL_ERRORS.name, (kind.tool, kind.category)] += len(ends)
            count.ends[kind] += ends
        self._count_changes(count, calls.code)
        self.transcripts |= calls.transcripts
        for tool, durations_us in calls.durations_us.items():
            self.increments.observe_all(TOOL_CALL_DURATION, durations_us, (tool,))

    def _count_hook_line(self, count: SessionCount, timed: TimedRecord) -> LineResult:
        record = timed.record
        if timed.key and not count.pairing.remember(timed.key):
            return LineResult.DUPLICATE
        result = count.pairing.apply(record)
        if record.transcript:
            self.transcripts.add(record.transcript)
        count.adopt_project(record.project)
        run_us = count.session.update_from_hook(
            timed.seen_us if record.time_us is None else record.time_us, ends=record.event == "SessionEnd"
        )
        self._observe_run(run_us)
        if record.phase not in CALL_PHASES:
            self._count_shared_event(count, record, Witness.HOOK)
            return self._count_event(record)
        return result

    def _observe_run(self, run_us: int | None) -> None:
        if run_us is not None and run_us <= MAX_RUN_US:
            self.increments.observe(SESSION_DURATION, run_us)

    def _count_event(self, record: HookRecord) -> LineResult:
        if counted := EVENT_COUNTERS.get(record.event):
            counter, labels = counted
            self.increments.count(counter, labels(record))
        return LineResult.COUNTED if record.event in COUNTED_EVENTS else LineResult.IGNORED

    def _count_runs(self, runs: AgentRuns, session: Session) -> None:
        """Count the runs of sub-agents that have started and ended."""
        for run in runs.started:
            if run.hooked or (run.started_us or 0) > session.hooks_alone_us:
                self.increments.count(SUBAGENTS_STARTED, (run.agent,))
        for ended in runs.ended:
            self.increments.count(SUBAGENTS_ENDED, (ended.agent, ended.outcome))
            if ended.duration_us is not None and ended.duration_us <= MAX_RUN_US:
                self.increments.observe(SUBAGENT_DURATION, ended.duration_us, (ended.agent,))
        runs.started.clear()
        runs.ended.clear()

    def _count_shared_event(self, count: SessionCount, record: HookRecord, witness: Witness) -> None:
        """Count a prompt or a compaction, which both witnesses report without a common id, and follow turns."""
        apply_turn(record, count.session)
        for text in record.schedule:
            count.pairing.remember(SCHEDULED + text)
        if witness is Witness.HOOK and is_repeated(record, count.session):
            return
        counted = shared_counter(record, count.pairing.seen)
        if counted:
            counter, labels = counted
            if counter is PROMPTS and record.prompt:
                at_us = record.time_us or count.session.last_us or count.undated_us
                count.add_prompt(witness, at_us, record.prompt.line)
            is_tallied = witness is Witness.HOOK or (record.time_us or 0) > count.session.hooks_alone_us
            if is_tallied and count.session.tally(" ".join((counter.name, *labels)), witness):
                self.increments.count(counter, labels)

    def _count_changes(self, count: SessionCount, changes: CodeHours) -> None:
        count.code.update(changes)
        count_code(changes, self.increments)

    def _count_call(self, call: ToolCall, category: ErrorCategory | None, session_id: str) -> None:
        self.increments.count(TOOL_CALLS, (call.tool, call.agent, call.outcome))
        if category:
            self.increments.count(TOOL_ERRORS, (call.tool, category))
        if (waited := wait_of_call(call)) and waited[1] <= MAX_CALL_US:
            self.increments.observe(WAIT_DURATION, waited[1], (waited[0],))
        if call.duration_us is not None and call.duration_us <= MAX_CALL_US:
            self.increments.observe(TOOL_CALL_DURATION, call.duration_us, (call.tool,))
            bucket = bisect_left(TOOL_CALL_DURATION.bounds, call.duration_us)
            self.exemplars[call.tool, bucket] = Exemplar(session_id, call.duration_us, call.ended_us)
