"""Pairs the starts and ends of one session's calls, and closes calls without an end by the events that imply it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import msgspec

from exporter.model.records import BatchedCall, HookRecord, LineResult, Outcome, Phase, ToolCall
from exporter.sources.error_categories import failure_outcome
from exporter.sources.lines import digest

END_WITHOUT_START, LATE_START = "end-alone ", "start-late "  # prefixes of keys in the ledger
GENERATED_KEY = "no-id-{:012d}"
FAILED_RESPONSES = ("<tool_use_error>", "Exit code ", "Error: ")  # a batch also has the responses of successful calls


class OpenCall(msgspec.Struct, gc=False):
    """A call that has started and not ended. `fallback` is its outcome if its end is never logged."""

    tool: str
    agent_id: str
    agent: str
    started_us: int | None
    input: bytes = b""
    input_digest: bytes = b""
    fallback: Outcome = Outcome.UNKNOWN
    error: str = ""
    identified: bool = True

    def has_input(self, other: bytes) -> bool:
        """Whether the call has this input (raw JSON); calls loaded from the ledger have only a digest of it."""
        return self.input_digest == digest(other) if self.input_digest else self.input == other

    def ended(self, outcome: Outcome, at_us: int | None, duration_us: int | None = None, error: str = "") -> ToolCall:
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
        )


class Scope(Enum):
    """Which agents' open calls an event ends."""

    MAIN_AGENT = "the main agent"
    SAME_AGENT = "the agent that the event names"
    ALL = "all agents of the session"


class Closer(msgspec.Struct, frozen=True):
    """Which open calls an event ends, and with which outcome unless the call has a fallback."""

    scope: Scope
    outcome: Outcome = Outcome.UNKNOWN
    details: tuple[str, ...] = ()
    ends_turn: bool = True

    def closes(self, call: OpenCall, event: HookRecord) -> bool:
        """Whether the event ends the call."""
        if self.scope is Scope.MAIN_AGENT and call.agent_id:
            return False
        if self.scope is Scope.SAME_AGENT and call.agent_id != event.agent_id:
            return False
        return call.started_us is None or event.time_us is None or call.started_us <= event.time_us


# An interrupted turn fires no Stop; a call that is still open at the next prompt shows it. A session that starts or
# resumes with open calls has lost its process. A call without an end that permission was requested for was denied if
# its turn ended; if its process ended, it may have been running.
CLOSERS = {
    "UserPromptSubmit": Closer(Scope.MAIN_AGENT, Outcome.INTERRUPTED),
    "Stop": Closer(Scope.MAIN_AGENT),
    "StopFailure": Closer(Scope.MAIN_AGENT),
    "SubagentStop": Closer(Scope.SAME_AGENT),
    "SessionEnd": Closer(Scope.ALL, ends_turn=False),
    "SessionStart": Closer(Scope.ALL, details=("startup", "resume"), ends_turn=False),
}


def closer_of(event: HookRecord) -> Closer | None:
    """The closer of an event; None if the event ends no calls."""
    closer = CLOSERS.get(event.event)
    return closer if closer and (not closer.details or event.detail in closer.details) else None


@dataclass(slots=True)
class Pairing:
    """The open calls of one session, and the call ids (and digests of lines without one) that were counted before.

    `open` has the calls by id, or by a generated key if the log has no ids.
    """

    open: dict[str, OpenCall] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    new_seen: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)

    def apply(self, record: HookRecord) -> LineResult:
        """Apply one record; the calls that it ends are added to `calls`."""
        if record.phase is Phase.START:
            return self._start(record)
        if record.phase is Phase.END:
            return self._end(record)
        return self._event(record)

    def remember(self, key: str) -> bool:
        """Mark a key as counted; False if it already was."""
        if key in self.seen:
            return False
        self.seen.add(key)
        self.new_seen.append(key)
        return True

    def expire(self, keys: set[str]) -> None:
        """Close the calls with these keys, whose ends were never logged, with the outcome UNKNOWN."""
        for key in keys & self.open.keys():
            self._close(key, None, Outcome.UNKNOWN, ends_turn=False)

    def _start(self, record: HookRecord) -> LineResult:
        key = record.call_id
        if key in self.open or key in self.seen:
            return LineResult.COUNTED if self._is_late(key) else LineResult.DUPLICATE
        call = OpenCall(record.tool, record.agent_id, record.agent, record.time_us, record.input, identified=bool(key))
        if record.outcome is Outcome.DENIED:
            self._finish(key, call.ended(Outcome.DENIED, record.time_us, error=record.error))
            return LineResult.COUNTED
        if record.outcome is Outcome.ERROR:
            call.fallback, call.error = Outcome.ERROR, record.error
        self.open[key or self._generate_key()] = call
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
        key = record.call_id if record.call_id in self.open else self._oldest(record)
        if not key and record.call_id:
            self.remember(END_WITHOUT_START + record.call_id)
        started = self.open.pop(key) if key else _unstarted(record)
        agent = record if record.agent_id or not started.agent_id else started
        self._finish(
            record.call_id or (key if started.identified else ""),
            ToolCall(
                record.tool or started.tool,
                agent.agent,
                record.outcome or Outcome.UNKNOWN,
                started.started_us,
                record.time_us,
                record.duration_us if record.duration_us is not None else _span(started.started_us, record.time_us),
                record.error,
                record.input or started.input,
                agent.agent_id,
            ),
        )
        return LineResult.COUNTED

    def _event(self, record: HookRecord) -> LineResult:
        for batched in record.batch:
            self._end_batched(batched, record)
        if record.event == "PermissionDenied" and record.call_id and record.call_id not in self.seen:
            call = self.open.pop(record.call_id, None) or _unstarted(record)
            self._finish(record.call_id, call.ended(Outcome.DENIED, record.time_us, error=record.detail))
        if record.event == "PermissionRequest":
            self._permission_requested(record)
        if closer := closer_of(record):
            for key in [key for key, call in self.open.items() if closer.closes(call, record)]:
                self._close(key, record.time_us, closer.outcome, ends_turn=closer.ends_turn)
        return LineResult.COUNTED

    def _end_batched(self, batched: BatchedCall, record: HookRecord) -> None:
        """End a call that a batch lists and no other hook ended: it was denied, or failed validation."""
        if batched.call_id in self.seen:
            return
        call = self.open.pop(batched.call_id, None) or _unstarted(record, batched.tool)
        text = batched.response
        outcome = failure_outcome(text)
        if call.fallback is Outcome.DENIED:
            outcome = Outcome.DENIED
        elif outcome is Outcome.ERROR and not text.startswith(FAILED_RESPONSES):
            # Refusals have too many wordings to match; but a call that ran has logged its end before the batch.
            outcome, text = (Outcome.DENIED, text) if call.identified and text else (Outcome.UNKNOWN, "")
        self._finish(batched.call_id, call.ended(outcome, record.time_us, error=text))

    def _permission_requested(self, record: HookRecord) -> None:
        """Mark the calls that a permission request matches as denied unless they run."""
        for call in self.open.values():
            if (call.tool, call.agent_id) == (record.tool, record.agent_id) and call.has_input(record.input):
                call.fallback = Outcome.DENIED

    def _oldest(self, record: HookRecord) -> str:
        """The key of the oldest open call that an end without a matching id can belong to; empty if there is none."""
        for key, call in self.open.items():
            if call.tool == record.tool and not (record.call_id and call.identified) and _same_caller(call, record):
                return key
        return ""

    def _close(self, key: str, at_us: int | None, outcome: Outcome, *, ends_turn: bool) -> None:
        call = self.open.pop(key)
        has_fallback = call.fallback is Outcome.ERROR or (call.fallback is Outcome.DENIED and ends_turn)
        self._finish(key if call.identified else "", call.ended(call.fallback if has_fallback else outcome, at_us))

    def _finish(self, call_id: str, call: ToolCall) -> None:
        if call_id:
            self.remember(call_id)
        self.calls.append(call)


def _same_caller(call: OpenCall, record: HookRecord) -> bool:
    """Whether agent and input match; an end of the oldest formats has neither an input nor an agent id."""
    if not record.input:
        return call.agent_id == record.agent_id
    return (call.agent_id, call.agent) == (record.agent_id, record.agent) and call.has_input(record.input)


def _unstarted(record: HookRecord, tool: str = "") -> OpenCall:
    return OpenCall(tool or record.tool, record.agent_id, record.agent, None, identified=False)


def _span(started_us: int | None, ended_us: int | None) -> int | None:
    """The duration; None if a time is missing or the clock went backwards."""
    if started_us is None or ended_us is None or ended_us < started_us:
        return None
    return ended_us - started_us
