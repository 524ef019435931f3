"""The calls of one session: starts and ends paired, and calls that never end closed by what ends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import msgspec

from exporter.model.records import BatchedCall, HookRecord, LineResult, Outcome, Phase, ToolCall
from exporter.sources.error_categories import failure_outcome
from exporter.sources.lines import digest

ALONE, LATE = "end-alone ", "start-late "
MADE_KEY = "no-id-{:012d}"
FAILED_ANSWERS = ("<tool_use_error>", "Exit code ", "Error: ")  # a batch holds the answers of calls that went well too


class OpenCall(msgspec.Struct, gc=False):
    """A call that has started and not ended. `fallback` is its outcome if no word of its end ever comes."""

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
        """Whether it was called with this input (raw JSON); the digest stands in for an input read earlier."""
        return self.input_digest == digest(other) if self.input_digest else self.input == other

    def ended(self, outcome: Outcome, at_us: int | None, duration_us: int | None = None, error: str = "") -> ToolCall:
        """The finished call."""
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
    """Whose open calls an event ends."""

    MAIN_AGENT = "those of the main agent"
    SAME_AGENT = "those of the agent that it names"
    ALL = "all of the session"


class Closer(msgspec.Struct, frozen=True):
    """Which open calls an event ends, and as what, where nothing better is known of a call."""

    scope: Scope
    outcome: Outcome = Outcome.UNKNOWN
    details: tuple[str, ...] = ()
    ends_turn: bool = True

    def closes(self, call: OpenCall, event: HookRecord) -> bool:
        """Whether the event ends this call."""
        if self.scope is Scope.MAIN_AGENT and call.agent_id:
            return False
        if self.scope is Scope.SAME_AGENT and call.agent_id != event.agent_id:
            return False
        return call.started_us is None or event.time_us is None or call.started_us <= event.time_us


# An interrupted turn fires no Stop: that the next prompt finds a call open is what tells of it. A session that starts
# or is resumed with calls open has lost its process. A call that a person was asked about and that never ran was denied
# if its turn came to an end; if its process did, it may have been running.
CLOSERS = {
    "UserPromptSubmit": Closer(Scope.MAIN_AGENT, Outcome.INTERRUPTED),
    "Stop": Closer(Scope.MAIN_AGENT),
    "StopFailure": Closer(Scope.MAIN_AGENT),
    "SubagentStop": Closer(Scope.SAME_AGENT),
    "SessionEnd": Closer(Scope.ALL, ends_turn=False),
    "SessionStart": Closer(Scope.ALL, details=("startup", "resume"), ends_turn=False),
}


def closer_of(event: HookRecord) -> Closer | None:
    """How an event ends calls; None where it does not."""
    closer = CLOSERS.get(event.event)
    return closer if closer and (not closer.details or event.detail in closer.details) else None


@dataclass(slots=True)
class Pairing:
    """What is open in one session, and which call ids (and digests of lines without one) were counted before.

    `open` maps a call's id, or a made key where its log has no ids, to the call.
    """

    open: dict[str, OpenCall] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    new_seen: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)

    def apply(self, record: HookRecord) -> LineResult:
        """Count one record; calls that it ends are added to `calls`."""
        if record.phase is Phase.START:
            return self._start(record)
        if record.phase is Phase.END:
            return self._end(record)
        return self._event(record)

    def remember(self, key: str) -> bool:
        """Note that a key is counted now; False where it was counted before."""
        if key in self.seen:
            return False
        self.seen.add(key)
        self.new_seen.append(key)
        return True

    def expire(self, keys: set[str]) -> None:
        """End calls of whose end nothing was ever heard."""
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
        self.open[key or self._made_key()] = call
        return LineResult.COUNTED

    def _is_late(self, call_id: str) -> bool:
        """Whether this is the first start of a call that was counted by its end alone."""
        return ALONE + call_id in self.seen and self.remember(LATE + call_id)

    def _made_key(self) -> str:
        """A key for a call without an id, higher than those of the calls that are open."""
        last = next((key for key in reversed(self.open) if not self.open[key].identified), MADE_KEY.format(0))
        return MADE_KEY.format(int(last.rpartition("-")[2]) + 1)

    def _end(self, record: HookRecord) -> LineResult:
        if record.call_id in self.seen:
            return LineResult.DUPLICATE
        key = record.call_id if record.call_id in self.open else self._oldest(record)
        if not key and record.call_id:
            self.remember(ALONE + record.call_id)
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
            self._batched(batched, record)
        if record.event == "PermissionDenied" and record.call_id and record.call_id not in self.seen:
            call = self.open.pop(record.call_id, None) or _unstarted(record)
            self._finish(record.call_id, call.ended(Outcome.DENIED, record.time_us, error=record.detail))
        if record.event == "PermissionRequest":
            self._permission_asked(record)
        if closer := closer_of(record):
            for key in [key for key, call in self.open.items() if closer.closes(call, record)]:
                self._close(key, record.time_us, closer.outcome, ends_turn=closer.ends_turn)
        return LineResult.COUNTED

    def _batched(self, batched: BatchedCall, record: HookRecord) -> None:
        """A call that its batch lists and no other hook ended: it was denied, or failed validation."""
        if batched.call_id in self.seen:
            return
        call = self.open.pop(batched.call_id, None) or _unstarted(record, batched.tool)
        text = batched.response
        outcome = failure_outcome(text)
        if call.fallback is Outcome.DENIED:
            outcome = Outcome.DENIED
        elif outcome is Outcome.ERROR and not text.startswith(FAILED_ANSWERS):
            # Claude Code words its refusals in a hundred ways; but what ran has told of its end before its batch does.
            outcome, text = (Outcome.DENIED, text) if call.identified and text else (Outcome.UNKNOWN, "")
        self._finish(batched.call_id, call.ended(outcome, record.time_us, error=text))

    def _permission_asked(self, record: HookRecord) -> None:
        """Mark the call that a person is asked about; if it never runs, it was denied."""
        for call in self.open.values():
            if (call.tool, call.agent_id) == (record.tool, record.agent_id) and call.has_input(record.input):
                call.fallback = Outcome.DENIED

    def _oldest(self, record: HookRecord) -> str:
        """The key of the oldest open call that a record can be the end of, where ids do not tell; empty if none."""
        for key, call in self.open.items():
            if call.tool == record.tool and not (record.call_id and call.identified) and _same_caller(call, record):
                return key
        return ""

    def _close(self, key: str, at_us: int | None, outcome: Outcome, *, ends_turn: bool) -> None:
        call = self.open.pop(key)
        tells = call.fallback is Outcome.ERROR or (call.fallback is Outcome.DENIED and ends_turn)
        self._finish(key if call.identified else "", call.ended(call.fallback if tells else outcome, at_us))

    def _finish(self, call_id: str, call: ToolCall) -> None:
        if call_id:
            self.remember(call_id)
        self.calls.append(call)


def _same_caller(call: OpenCall, record: HookRecord) -> bool:
    """Same agent and input, as far as the end says; the oldest formats give an end neither input nor agent id."""
    if not record.input:
        return call.agent_id == record.agent_id
    return (call.agent_id, call.agent) == (record.agent_id, record.agent) and call.has_input(record.input)


def _unstarted(record: HookRecord, tool: str = "") -> OpenCall:
    return OpenCall(tool or record.tool, record.agent_id, record.agent, None, identified=False)


def _span(started_us: int | None, ended_us: int | None) -> int | None:
    """How long it took; unknown where a clock is missing or went backwards."""
    if started_us is None or ended_us is None or ended_us < started_us:
        return None
    return ended_us - started_us
