"""Calls that have started and whose end is not certain yet."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from exporter.model.records import CodeChange, HookRecord, Outcome, ToolCall, Witness
from exporter.sources.lines import digest

INVALID = "<tool_use_error>"  # how the result of a call begins that Claude Code rejected before it ran


class Evidence(IntEnum):
    """What says that work has ended, in ascending order of trust; the hook of its end alone is final at once."""

    EXIT = 1  # the last line of a process in its transcript, which has no time
    CLOSER = 2  # an event that ends all calls of a turn, an agent or a process
    BATCH = 3  # the list of calls in PostToolBatch
    TRANSCRIPT = 4  # the result in the transcript
    NOTIFICATION = 5  # what tells the main agent of the end of background work or of a sub-agent
    AGENT = 6  # the last line of a sub-agent's transcript


WITNESSES = {
    Evidence.EXIT: Witness.INFERRED,
    Evidence.CLOSER: Witness.INFERRED,
    Evidence.BATCH: Witness.HOOK,
    Evidence.TRANSCRIPT: Witness.TRANSCRIPT,
}


class PresumedEnd(msgspec.Struct, frozen=True, gc=False):
    """An end that better evidence may still replace; `ends_turn` is False if the process ended with the call."""

    evidence: Evidence
    outcome: Outcome
    at_us: int | None
    error: str = ""
    ends_turn: bool = True
    change: CodeChange | None = None

    @property
    def ends_tasks(self) -> bool:
        """Whether it is also the end of work in the background."""
        return self.evidence is Evidence.NOTIFICATION or not self.ends_turn

    def is_result_before(self, time_us: int) -> bool:
        """Whether it is the result in a transcript, and older than a time."""
        return self.evidence is Evidence.TRANSCRIPT and self.at_us is not None and self.at_us < time_us

    def replaces(self, other: PresumedEnd | None) -> bool:
        """Whether this end is to be believed rather than another; of equal ones, the earlier."""
        return other is None or (self.evidence, -(self.at_us or 0)) > (other.evidence, -(other.at_us or 0))


class OpenCall(msgspec.Struct, gc=False):
    """A call without the hook of its end. `fallback` is its outcome if its end is never logged.

    `identified` is False for calls of logs without ids. `hooked` and `reported` say who has: a hook, the transcript.
    `turn` is the id of the prompt that began its turn, empty if unknown; `task` that of the background task by which
    the command continues when the call has returned. `asked_us` is when permission for it was requested. `elicits`
    while its MCP server asks a person something; that and `started_agent` are not stored in the ledger.
    """

    tool: str
    agent_id: str
    agent: str
    started_us: int | None
    input: bytes = b""
    input_digest: bytes = b""
    fallback: Outcome = Outcome.UNKNOWN
    error: str = ""
    identified: bool = True
    hooked: bool = True
    reported: bool = False
    end: PresumedEnd | None = None
    turn: str = ""
    task: str = ""
    asked_us: int | None = None
    started_agent: str = ""
    elicits: bool = False

    @property
    def is_running(self) -> bool:
        """Whether nothing says that the call has ended or continues in the background."""
        return self.end is None and not self.task

    @property
    def is_in_background(self) -> bool:
        """Whether it continues in the background, and nothing says that it has ended."""
        return self.end is None and bool(self.task)

    @property
    def _witness(self) -> Witness:
        """What reports a notification, which both may do."""
        return Witness.HOOK if self.hooked else Witness.TRANSCRIPT

    def has_input(self, other: bytes) -> bool:
        """Whether the call has this input (raw JSON); calls loaded from the ledger have only a digest of it."""
        return self.input_digest == digest(other) if self.input_digest else self.input == other

    def may_end_by(self, record: HookRecord) -> bool:
        """Whether an end without a matching id can be that of the call."""
        is_other = bool(record.call_id and self.identified)
        is_later = self.started_us is not None and record.time_us is not None and self.started_us > record.time_us
        is_open = self.tool == record.tool and self.is_running and self.hooked
        return is_open and not is_other and not is_later and self._has_caller_of(record)

    def _has_caller_of(self, record: HookRecord) -> bool:
        """Whether agent and input match; an end of the oldest formats has neither an input nor an agent id."""
        if not record.input:
            return self.agent_id == record.agent_id
        return (self.agent_id, self.agent) == (record.agent_id, record.agent) and self.has_input(record.input)

    def presume(self, end: PresumedEnd) -> None:
        """Take an end for that of the call unless there is better evidence."""
        if end.replaces(self.end) and (end.ends_tasks or not self.task):
            self.end = end

    def continue_as(self, task: str) -> None:
        """Continue in the background, which only a notification or the end of the process ends."""
        self.task, self.fallback = task, Outcome.UNKNOWN
        self.end = self.end if self.end and self.end.ends_tasks else None

    def ended(
        self,
        outcome: Outcome,
        at_us: int | None,
        duration_us: int | None = None,
        error: str = "",
        witness: Witness = Witness.HOOK,
        *,
        change: CodeChange | None = None,
    ) -> ToolCall:
        """The call after its end."""
        return ToolCall(
            self.tool,
            self.agent,
            outcome,
            self.started_us,
            at_us,
            duration_us,
            error or self.error,
            self.input,
            self.agent_id,
            witness,
            self.started_agent,
            self.asked_us,
            change,
        )

    def as_presumed(self, end: PresumedEnd) -> ToolCall:
        """The call after its presumed end; only a transcript or a notification says how long it ran."""
        witness, outcome, duration_us = WITNESSES.get(end.evidence, self._witness), end.outcome, None
        if end.evidence in {Evidence.TRANSCRIPT, Evidence.NOTIFICATION}:
            ran = end.outcome is not Outcome.DENIED and not end.error.startswith(INVALID)
            duration_us = span(self.started_us, end.at_us) if ran else None
        elif self.fallback is Outcome.ERROR or (self.fallback is Outcome.DENIED and end.ends_turn):
            outcome = self.fallback
        return self.ended(outcome, end.at_us, duration_us, end.error, witness, change=end.change)


def span(started_us: int | None, ended_us: int | None) -> int | None:
    """The duration; None if a time is missing or the clock went backwards."""
    if started_us is None or ended_us is None or ended_us < started_us:
        return None
    return ended_us - started_us
