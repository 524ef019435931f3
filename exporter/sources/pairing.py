"""Pairs the starts and ends of one session's calls from all its witnesses: hook logs and transcripts.

The hook of a call's end is final. Any other end (an event that implies it, a batch, the result in a transcript) is
presumed until `settle`, so that the order in which the witnesses are read does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from exporter.model.records import (
    CALL_PHASES,
    PROCESS_END,
    BatchedCall,
    HookRecord,
    LineResult,
    Outcome,
    Phase,
    ToolCall,
)
from exporter.sources.agent_runs import AgentRuns
from exporter.sources.asked_calls import mark_asking, mark_requested
from exporter.sources.background import AGENT_TOOLS, started_agent
from exporter.sources.closers import CLOSERS, ClosingEvent, closing_events, recent_events
from exporter.sources.entered_sessions import belongs_to_previous_session, remember_entry
from exporter.sources.open_calls import Evidence, OpenCall, PresumedEnd, span
from exporter.sources.reported_ends import batched_end, transcript_end

END_WITHOUT_START, LATE_START, RETURNED = "end-alone ", "start-late ", "returned "  # prefixes of keys in the ledger
GENERATED_KEY = "no-id-{:012d}"


@dataclass(slots=True)
class Pairing:
    """The open calls of one session, and the call ids (and digests of lines without one) that were counted before.

    `open` has the calls by id, or by a generated key if the log has no ids; `recent` has the latest events that end
    calls, `runs` the runs of sub-agents.
    """

    open: dict[str, OpenCall] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    new_seen: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    recent: list[ClosingEvent] = field(default_factory=list)
    runs: AgentRuns = field(default_factory=AgentRuns)

    @property
    def running(self) -> list[OpenCall]:
        """The open calls that nothing says have ended."""
        return [call for call in self.open.values() if call.is_running]

    @property
    def in_background(self) -> list[OpenCall]:
        """The calls that continue in the background."""
        return [call for call in self.open.values() if call.is_in_background]

    @property
    def presumed(self) -> list[ToolCall]:
        """The open calls that have presumably ended, as they would be counted now."""
        return [call.as_presumed(call.end) for call in self.open.values() if call.end]

    def may_settle(self, before_us: int) -> bool:
        """Whether work has presumably ended before a time."""
        ends = (work.end for work in (*self.open.values(), *self.runs))
        return any((end.at_us or 0) < before_us for end in ends if end)

    @property
    def has_results(self) -> bool:
        """Whether calls or runs wait to be counted."""
        return bool(self.calls or self.runs.started or self.runs.ended)

    def apply(self, record: HookRecord) -> LineResult:
        """Apply one record of a hook; the calls that it ends are added to `calls`."""
        self._end_tasks(record)
        if record.phase is not Phase.END or record.call_id not in self.seen:
            self.runs.apply(record, self)
            if record.task_ends:
                self._close_all(self.runs.end_reported(record))
        if record.phase is Phase.START:
            return self._start(record)
        if belongs_to_previous_session(record.call_id, record.agent_id, self.open, self):
            return LineResult.IGNORED
        if record.phase is Phase.END:
            return self._end(record)
        return self._event(record)

    def apply_transcript(self, record: HookRecord, written_us: int) -> None:
        """Apply one record of a transcript that was last written at a time; all of its calls have ids."""
        self.runs.apply_transcript(record, self, self.recent)
        self._end_tasks(record)
        if record.event == PROCESS_END:
            self._end_process(max(record.time_us or 0, written_us))
        elif record.phase not in CALL_PHASES:
            self._close_all(closing_events(record))
        elif record.call_id in self.seen:
            return
        elif record.phase is Phase.START:
            call = self.open.setdefault(record.call_id, _unstarted(record))
            call.reported = True
            if call.started_us is None:
                call.started_us = record.time_us
                self._close_late(record.call_id, call)
        elif (opened := self.open.get(record.call_id)) and record.background_command:
            opened.continue_as(record.background_command)
        elif opened:
            opened.started_agent = started_agent(opened.tool, record)
            opened.presume(transcript_end(record))

    def remember(self, key: str) -> bool:
        """Mark a key as counted; False if it already was."""
        if key in self.seen:
            return False
        self.seen.add(key)
        self.new_seen.append(key)
        return True

    def settle(self, before_us: int) -> None:
        """End the calls and runs whose presumed ends are older than `before_us`: no better evidence is to come."""
        self._close_all(self.runs.settle(before_us, self))
        for key, call in list(self.open.items()):
            if call.end and (call.end.at_us or 0) < before_us:
                self._finish(key, self.open.pop(key).as_presumed(call.end))

    def settle_results(self, before_us: int) -> None:
        """End the calls with results of before `before_us`; of sub-agents, the ends of others may depend on them."""
        for key, call in list(self.open.items()):
            if call.end and call.end.is_result_before(before_us) and call.tool not in AGENT_TOOLS:
                self._finish(key, self.open.pop(key).as_presumed(call.end))

    def settle_reported(self, before_us: int) -> None:
        """Settle what transcripts alone report."""
        self._close_all(self.runs.settle_reported(before_us, self))
        ends = {key: call.end for key, call in self.open.items() if not call.hooked}
        self.expire({key for key, end in ends.items() if end and (end.at_us or 0) < before_us})

    def expire(self, keys: set[str]) -> None:
        """Close the calls with these keys, whose ends were never logged, with the outcome UNKNOWN."""
        end = PresumedEnd(Evidence.CLOSER, Outcome.UNKNOWN, None, ends_turn=False)
        for key in keys & self.open.keys():
            call = self.open.pop(key)
            self._finish(key if call.identified else "", call.as_presumed(call.end or end))

    def expire_all(self) -> None:
        """End all calls and runs of sub-agents, whose ends were never logged, with the outcome UNKNOWN."""
        self.expire({*self.open})
        self.runs.expire(self)

    def _start(self, record: HookRecord) -> LineResult:
        key = record.call_id
        if key in self.open and not self.open[key].hooked:
            return self._add_hook_start(self.open[key], record)
        if key in self.open or key in self.seen:
            return LineResult.COUNTED if self._is_late(key) else LineResult.DUPLICATE
        call = OpenCall(record.tool, record.agent_id, record.agent, record.time_us, record.input, turn=record.turn)
        call.identified = bool(key)
        if record.outcome is Outcome.DENIED:
            self._finish(key, call.ended(Outcome.DENIED, record.time_us, error=record.error))
            return LineResult.COUNTED
        if record.outcome is Outcome.ERROR:
            call.fallback, call.error = Outcome.ERROR, record.error
        key = key or self._generate_key()
        self.open[key] = call
        self._close_late(key, call)
        return LineResult.COUNTED

    def _add_hook_start(self, call: OpenCall, record: HookRecord) -> LineResult:
        """Complete a call that a transcript has reported first by the hook of its start, which is exact."""
        call.tool, call.agent_id, call.agent = record.tool, record.agent_id, record.agent
        call.started_us = call.started_us if record.time_us is None else record.time_us
        call.input, call.input_digest, call.turn, call.hooked = record.input, b"", record.turn, True
        if call.end and call.end.evidence is Evidence.CLOSER:
            call.end = None
        self._close_late(record.call_id, call)
        return LineResult.COUNTED

    def _is_late(self, call_id: str) -> bool:
        """Whether this is the first start of a call that was already counted by its end alone."""
        return END_WITHOUT_START + call_id in self.seen and self.remember(LATE_START + call_id)

    def _generate_key(self) -> str:
        """A key for a call without an id, higher than the keys of all open calls."""
        last = next((key for key in reversed(self.open) if not self.open[key].identified), GENERATED_KEY.format(0))
        return GENERATED_KEY.format(int(last.rpartition("-")[2]) + 1)

    def _end(self, record: HookRecord) -> LineResult:
        if record.call_id in self.seen:
            return LineResult.DUPLICATE
        if record.background_command and record.call_id:
            return self._continue(record)
        key = record.call_id if record.call_id in self.open else self._newest_open_key(record)
        started = self.open.pop(key) if key else _unstarted(record)
        if record.call_id and not (key and started.hooked):
            self.remember(END_WITHOUT_START + record.call_id)
        agent = record if record.agent_id or not started.agent_id else started
        self._finish(
            record.call_id or (key if started.identified else ""),
            ToolCall(
                record.tool or started.tool,
                agent.agent,
                record.outcome or Outcome.UNKNOWN,
                started.started_us,
                record.time_us,
                record.duration_us if record.duration_us is not None else span(started.started_us, record.time_us),
                record.error,
                record.input or started.input,
                agent.agent_id,
                started_agent=started_agent(record.tool or started.tool, record),
                asked_us=started.asked_us,
                change=record.change,
            ),
        )
        return LineResult.COUNTED

    def _continue(self, record: HookRecord) -> LineResult:
        """Let a call continue in the background, which has returned without having ended."""
        self.open.setdefault(record.call_id, _unstarted(record)).continue_as(record.background_command)
        return LineResult.COUNTED if self.remember(RETURNED + record.call_id) else LineResult.DUPLICATE

    def _end_tasks(self, record: HookRecord) -> None:
        """Presume the ends of commands in the background; a hook may report them later than a transcript."""
        for end in record.task_ends:
            for call in self.open.values():
                if call.task == end.task_id:
                    call.presume(PresumedEnd(Evidence.NOTIFICATION, end.outcome, record.time_us, end.error))

    def _event(self, record: HookRecord) -> LineResult:
        remember_entry(record, self)
        for batched in record.batch:
            self._end_batched(batched, record)
        if record.event == "PermissionDenied" and record.call_id and record.call_id not in self.seen:
            call = self.open.pop(record.call_id, None) or _unstarted(record)
            self._finish(record.call_id, call.ended(Outcome.DENIED, record.time_us, error=record.detail))
        if record.event == "PermissionRequest":
            mark_requested(record, self.open.values())
        mark_asking(record, self.running)
        self._close_all(closing_events(record))
        return LineResult.COUNTED

    def _close_all(self, events: Iterable[ClosingEvent]) -> None:
        """Presume the ends that events imply; calls without ids end at once, for no other witness has them."""
        for event in events:
            self.recent = recent_events(self.recent, event)
            self.runs.close(event)
            for key, call in list(self.open.items()):
                if key in self.open and self._close(key, call, event) and call.tool in AGENT_TOOLS:
                    self._close_all([*self.runs.close_foreground(call, event, self)])

    def _close_late(self, key: str, call: OpenCall) -> None:
        """Presume the end of a call whose start is read after the event that implies it."""
        if call.identified and call.started_us is not None:
            for event in self.recent:
                self._close(key, call, event)

    def _close(self, key: str, call: OpenCall, event: ClosingEvent) -> bool:
        """Presume the end of a call if the event ends it; whether it does."""
        closer = CLOSERS[event.name]
        if not closer.closes(call, event):
            return False
        outcome = closer.outcome_of(call, event)
        end = PresumedEnd(Evidence.CLOSER, outcome, event.time_us, ends_turn=closer.ends_turn)
        if call.identified:
            call.presume(end)
        else:
            self._finish("", self.open.pop(key).as_presumed(end))
        return True

    def _end_process(self, at_us: int) -> None:
        """Presume the end of the calls that the transcript of a process has reported when it ends.

        The line has no time, and may be much later than the line before: a hook has a minute from when it was written.
        """
        end = PresumedEnd(Evidence.EXIT, Outcome.UNKNOWN, at_us, ends_turn=False)
        for call in self.open.values():
            if call.reported:
                call.presume(end)
        self.runs.end_process(end)

    def _end_batched(self, batched: BatchedCall, record: HookRecord) -> None:
        is_foreign = belongs_to_previous_session(batched.call_id, record.agent_id, self.open, self)
        if batched.call_id not in self.seen and not is_foreign:
            call = self.open.setdefault(batched.call_id, _unstarted(record, batched.tool))
            call.presume(batched_end(call, batched, record.time_us))

    def _newest_open_key(self, record: HookRecord) -> str:
        """The key of the newest open call that an end without a matching id can belong to; empty if there is none.

        Where an end was never logged, the oldest call would take the end of the next one, and so on for all after it.
        """
        return next((key for key in reversed(self.open) if self.open[key].may_end_by(record)), "")

    def _finish(self, call_id: str, call: ToolCall) -> None:
        if call_id:
            self.remember(call_id)
        self.calls.append(call)


def _unstarted(record: HookRecord, tool: str = "") -> OpenCall:
    return OpenCall(tool or record.tool, record.agent_id, record.agent, None, record.input, hooked=False)
