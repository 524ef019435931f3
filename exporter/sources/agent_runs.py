"""The runs of one session's sub-agents: from hooks, or from the transcripts of sub-agents that no hook reports.

A hook of the end of a run is final. Any other end is presumed until `settle`, like that of a call. The calls of a
sub-agent end with its run: the methods return the events that end them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Protocol

from exporter.model.records import UNNAMED_AGENT, AgentRun, HookRecord, Outcome, TaskEnd
from exporter.sources.closers import CLOSERS, ClosingEvent
from exporter.sources.open_calls import Evidence, OpenCall, PresumedEnd
from exporter.sources.open_runs import OpenRun

# Prefixes of keys in the ledger: of sub-agents that hooks report, whose transcripts were counted, or that were launched
# in the background; and of runs in transcripts.
HOOKED, COUNTED, BACKGROUND, RUN = "agent-hooked ", "agent-counted ", "background ", "run "
STARTS = "SubagentStart"
ENDS = {"SubagentStop": Outcome.SUCCESS, "StopFailure": Outcome.ERROR}
INTERNAL_AGENT = re.compile(r"a[a-z_]+-")  # `acompact-…`; the ids of sub-agents are hexadecimal
STOPPED = "TaskStop"  # the name of the event that ends the calls of a sub-agent that is stopped


class Keys(Protocol):
    """The keys of what was counted or marked before."""

    @property
    def seen(self) -> Set[str]:
        """All keys."""

    def remember(self, key: str, /) -> bool:
        """Add a key; False if it already was there."""


@dataclass(slots=True)
class AgentRuns:
    """The open runs by sub-agent; of those that only transcripts report, it may have several that are not settled.

    `started` has the runs that have started, `ended` those that have ended.
    """

    hooked: dict[str, OpenRun] = field(default_factory=dict)
    unhooked: dict[str, list[OpenRun]] = field(default_factory=dict)
    started: list[OpenRun] = field(default_factory=list)
    ended: list[AgentRun] = field(default_factory=list)

    def __iter__(self) -> Iterator[OpenRun]:
        yield from self.hooked.values()
        for runs in self.unhooked.values():
            yield from runs

    @property
    def running(self) -> list[OpenRun]:
        """The runs that nothing says have ended."""
        return [run for run in self if run.is_running]

    def add(self, run: OpenRun) -> None:
        """Add an open run, after all others of its sub-agent."""
        if run.hooked:
            self.hooked[run.agent_id] = run
        else:
            self.unhooked.setdefault(run.agent_id, []).append(run)

    def apply(self, record: HookRecord, keys: Keys) -> None:
        """Apply one record of a hook, except for the ends that it reports of other work."""
        if record.agent_id and record.time_us is not None and (run := self.hooked.get(record.agent_id)):
            run.extend_to(record.time_us)
        if record.event == STARTS and COUNTED + record.agent_id not in keys.seen:
            self._start(record, keys)
        elif record.event in ENDS:
            self._end(TaskEnd(record.agent_id, ENDS[record.event]), record.time_us)
        if record.background_agent:
            keys.remember(BACKGROUND + record.background_agent)

    def end_reported(self, record: HookRecord) -> Iterator[ClosingEvent]:
        """End the runs whose ends a record of a hook reports."""
        for end in record.task_ends:
            # The hook of a successful end came before its notification, and the run may have been resumed since.
            if record.prompt is None or end.outcome is not Outcome.SUCCESS:
                self._end(end, record.time_us)
                yield ClosingEvent(STOPPED, False, record.time_us, end.task_id)

    def extend_all(self, active_us: Mapping[str, int]) -> None:
        """Extend the runs to when each sub-agent was active last, by the calls that were paired without records."""
        for agent_id, last_us in active_us.items():
            if run := self.hooked.get(agent_id):
                run.extend_to(last_us)

    def apply_transcript(self, record: HookRecord, keys: Keys, recent: Iterable[ClosingEvent]) -> None:
        """Apply one record of a transcript, before which `recent` were read."""
        if record.agent_id and HOOKED + record.agent_id not in keys.seen and not _is_internal(record):
            self._add_line(record, recent)
        for end in record.task_ends:
            if HOOKED + end.task_id not in keys.seen:
                self._report_end(end, record.time_us)

    def close(self, event: ClosingEvent) -> None:
        """Presume the ends of the runs that end with their process."""
        if event.ends_process:
            for run in self:
                _presume_end_of_process(run, event)

    def end_process(self, end: PresumedEnd) -> None:
        """Presume the ends of the runs that transcripts have reported, with that of their process."""
        for run in [run for runs in self.unhooked.values() for run in runs]:
            self._presume(run, end)

    def close_foreground(self, call: OpenCall, event: ClosingEvent, keys: Keys) -> Iterator[ClosingEvent]:
        """Presume the ends of the runs that a call waited for: if it is interrupted, no hook reports them."""
        end = PresumedEnd(Evidence.CLOSER, CLOSERS[event.name].outcome_of(call, event), event.time_us)
        for run in self.hooked.values():
            is_later = (run.started_us or 0) >= (call.started_us or 0)
            if run.is_running and is_later and BACKGROUND + run.agent_id not in keys.seen:
                run.presume(end)
                if run.end:
                    yield _end_of_calls(run)

    def settle(self, before_us: int, keys: Keys) -> list[ClosingEvent]:
        """End the runs whose presumed ends are older than `before_us`: no better evidence is to come."""
        return self._finish(_ended_before(before_us, self), keys)

    def settle_reported(self, before_us: int, keys: Keys) -> list[ClosingEvent]:
        """Settle the runs that transcripts alone report."""
        return self._finish(_ended_before(before_us, (run for run in self if not run.hooked)), keys)

    def expire(self, keys: Keys) -> None:
        """End all runs, with the outcome UNKNOWN if nothing says how they ended."""
        self._finish([*self], keys)

    def _start(self, record: HookRecord, keys: Keys) -> None:
        """Start a run by its hook, which takes precedence over a transcript, and ends the run before it."""
        run = OpenRun(record.agent_id, record.agent, record.time_us, record.time_us or 0)
        self.started.append(run)
        if not record.agent_id:
            return
        keys.remember(HOOKED + record.agent_id)
        self.unhooked.pop(record.agent_id, None)
        if before := self.hooked.get(record.agent_id):
            self.ended.append(before.as_presumed())
        self.add(run)

    def _end(self, end: TaskEnd, at_us: int | None) -> None:
        """End a run by its hook."""
        if run := self.hooked.pop(end.task_id, None):
            self.ended.append(run.ended(end.outcome, at_us))

    def _add_line(self, record: HookRecord, recent: Iterable[ClosingEvent]) -> None:
        """Add a line of a sub-agent's transcript to its run."""
        time_us = record.time_us
        run = None if time_us is None else self._run_at(record, time_us)
        if run is None or time_us is None:
            return
        run.agent = record.agent
        if record.event == STARTS:
            run.add_message(time_us)
        run.extend_to(time_us)
        if record.event in ENDS:
            run.presume(PresumedEnd(Evidence.AGENT, record.outcome or ENDS[record.event], time_us))
        for event in recent:
            if event.ends_process:
                _presume_end_of_process(run, event)

    def _run_at(self, record: HookRecord, time_us: int) -> OpenRun | None:
        """The run that a line belongs to: after its end, only a message to the sub-agent starts another."""
        runs = self.unhooked.get(record.agent_id, [])
        for run in runs:
            if run.end is None or run.end.at_us is None or time_us <= run.end.at_us:
                return run
        if not runs or record.event == STARTS:
            self.add(OpenRun(record.agent_id, record.agent, None, time_us, hooked=False))
            return self.unhooked[record.agent_id][-1]
        return None if runs[-1].end and runs[-1].end.evidence is Evidence.NOTIFICATION else runs[-1]

    def _report_end(self, end: TaskEnd, at_us: int | None) -> None:
        """Presume an end that the main agent's transcript reports, which may be read before the sub-agent's."""
        presumed = PresumedEnd(Evidence.NOTIFICATION, end.outcome, at_us)
        runs = reversed(self.unhooked.get(end.task_id, []))
        if run := next((run for run in runs if run.started_us is not None and run.started_us <= (at_us or 0)), None):
            self._presume(run, presumed)
        else:
            self.add(OpenRun(end.task_id, "", None, hooked=False, end=presumed))

    def _presume(self, run: OpenRun, end: PresumedEnd) -> None:
        """Presume the end of a run, whose later lines may be of another."""
        if later := run.divide(end.at_us):
            runs = self.unhooked[run.agent_id]
            runs.insert(runs.index(run) + 1, later)
        run.presume(end)

    def _finish(self, runs: list[OpenRun], keys: Keys) -> list[ClosingEvent]:
        for run in runs:
            if run.hooked:
                del self.hooked[run.agent_id]
                self.ended.append(run.as_presumed())
            else:
                self._finish_unhooked(run, keys)
        return [_end_of_calls(run) for run in runs]

    def _finish_unhooked(self, run: OpenRun, keys: Keys) -> None:
        """Count a run, also as started, unless its lines were counted before and are read again."""
        others = [other for other in self.unhooked.pop(run.agent_id) if other is not run]
        if others:
            self.unhooked[run.agent_id] = others
        if run.started_us is not None and keys.remember(f"{RUN}{run.agent_id} {run.started_us}"):
            keys.remember(COUNTED + run.agent_id)
            self.started.append(run)
            self.ended.append(run.as_presumed())


def _ended_before(before_us: int, runs: Iterable[OpenRun]) -> list[OpenRun]:
    return [run for run in runs if run.end and (run.end.at_us or 0) < before_us]


def _is_internal(record: HookRecord) -> bool:
    """Whether the line is that of a request by which Claude Code itself compacts, suggests and so on."""
    return record.agent == UNNAMED_AGENT and INTERNAL_AGENT.match(record.agent_id) is not None


def _end_of_calls(run: OpenRun) -> ClosingEvent:
    """The event that ends the calls of a run that has ended."""
    is_stopped = run.end is not None and run.end.outcome is Outcome.INTERRUPTED
    return ClosingEvent(
        STOPPED if is_stopped else "SubagentStop", False, run.end.at_us if run.end else None, run.agent_id
    )


def _presume_end_of_process(run: OpenRun, event: ClosingEvent) -> None:
    if run.started_us is None or event.time_us is None or run.started_us <= event.time_us:
        run.presume(PresumedEnd(Evidence.CLOSER, CLOSERS[event.name].outcome, event.time_us, ends_turn=False))
