"""The fast path of a cold start: the calls of a folder never read before, paired by id without a record each.

It takes what it can be sure of: lines of the two layouts that make up nearly every log. The lines that it cannot pair
it leaves to the plain path, and a folder that holds anything unusual it leaves whole. Both paths come to the same
numbers; a test compares them on made logs of every sort.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter, eq, le
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from exporter.records import MAIN_AGENT, HookRecord, Outcome
from exporter.sources.error_categories import failure_outcome
from exporter.sources.hook_formats import UNNAMED_AGENT, AnyResponse, Response, error_text
from exporter.sources.pairing import Closer, Scope, closer_of
from exporter.sources.projects import project_name
from exporter.sources.timestamps import EPOCH, from_us

Name = Annotated[str, msgspec.Meta(min_length=1)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class PayloadLine(msgspec.Struct, gc=False):
    """Claude Code's payload with the recorder's stamp. A field of type None would change the meaning of the line."""

    time: Moment = msgspec.field(name="logged_at")
    session: Name = msgspec.field(name="session_id")
    event: Literal["PreToolUse", "PostToolUse", "PostToolUseFailure"] = msgspec.field(name="hook_event_name")
    tool: Name = msgspec.field(name="tool_name")
    call_id: Name = msgspec.field(name="tool_use_id")
    agent_id: str = ""
    agent: str = msgspec.field(name="agent_type", default="")
    duration_ms: int | None = None
    error: str | None = None
    is_interrupt: bool | None = None
    tool_response: AnyResponse = None
    project_dir: str = ""
    cwd: str = ""
    transcript_path: str = ""
    agentId: None = None
    agentType: None = None
    other_agent: None = msgspec.field(name="agent", default=None)
    durationMs: None = None
    duration: None = None
    has_error: None = None
    is_error: None = None
    success: None = None
    status: None = None


class OldStart(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The pre line of older recorders, with every field that they wrote."""

    time: Moment = msgspec.field(name="timestamp")
    tool: Name = msgspec.field(name="tool")
    call_id: Name = msgspec.field(name="tool_use_id")
    session: str = msgspec.field(name="session_uuid", default="")
    status: Literal["starting"] | None = None
    task_id: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    agent_id: ClassVar[None] = None


class OldEnd(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The post line of older recorders, with every field that they wrote."""

    time: Moment = msgspec.field(name="timestamp")
    tool: Name = msgspec.field(name="tool")
    call_id: Name = msgspec.field(name="tool_use_id")
    session: str = msgspec.field(name="session_uuid", default="")
    agent: str = ""
    has_error: bool | None = None
    error: str | None = None
    duration_ms: int | None = None
    output_length: int | None = None
    output_preview: msgspec.Raw = msgspec.Raw()
    usage: msgspec.Raw = msgspec.Raw()
    agent_id: ClassVar[None] = None
    event: ClassVar[None] = None
    is_interrupt: ClassVar[None] = None
    tool_response: ClassVar[None] = None


FastStart = PayloadLine | OldStart
FastEnd = PayloadLine | OldEnd
LONGEST_DURATION_US = 10**15
CALL_ID, SESSION, TIME, TOOL = map(attrgetter, ("call_id", "session", "time", "tool"))
AGENT_ID, DURATION, CALLER = attrgetter("agent_id"), attrgetter("duration_ms"), attrgetter("tool", "agent_id", "agent")
START_DECODERS = (msgspec.json.Decoder(PayloadLine), msgspec.json.Decoder(OldStart))
END_DECODERS = (msgspec.json.Decoder(PayloadLine), msgspec.json.Decoder(OldEnd))


@dataclass(slots=True)
class FastCalls:
    """The calls of one session, gathered by what is counted of them; `lone` are the numbers of unpaired lines."""

    first_us: int
    last_us: int
    project: str
    call_ids: list[str] = field(default_factory=list)
    successes: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[tuple[str, str, Outcome, str]] = field(default_factory=list)
    durations_us: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    lone_starts: list[int] = field(default_factory=list)
    lone_ends: list[int] = field(default_factory=list)


def decode_fast(data: bytes, decoders: Sequence[msgspec.json.Decoder[Any]]) -> list[Any] | None:
    """The lines, all of one known layout; None where they are not."""
    for decoder in decoders:
        try:
            lines: list[Any] = decoder.decode_lines(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        return lines
    return None


def pair_fast(
    starts: Sequence[FastStart], ends: Sequence[FastEnd], events: Sequence[HookRecord], session: str
) -> FastCalls | None:
    """The calls with both a start and an end; None where the plain path might come to something else.

    It goes through the lines column by column: a step of Python for each call is what would make it slow.
    """
    starts_by_id = dict(zip(map(CALL_ID, starts), starts, strict=True))
    end_ids = [*map(CALL_ID, ends)]
    ended = set(end_ids)
    if len(starts_by_id) != len(starts) or len(ended) != len(ends):
        return None
    if not {"", session}.issuperset(map(SESSION, starts)) or not {"", session}.issuperset(map(SESSION, ends)):
        return None
    first = min(min(map(TIME, starts)), min(map(TIME, ends)))
    last = max(max(map(TIME, starts)), max(map(TIME, ends)))
    calls = FastCalls(_us(first), _us(last), _project(first, starts, ends), end_ids)
    if starts_by_id.keys() != ended:
        calls.lone_starts = [n for n, line in enumerate(starts) if line.call_id not in ended]
        calls.lone_ends = [n for n, line in enumerate(ends) if line.call_id not in starts_by_id]
        ends = [line for line in ends if line.call_id in starts_by_id]
        calls.call_ids = [*map(CALL_ID, ends)]
    begun = [starts_by_id[call_id] for call_id in calls.call_ids]
    if not all(map(le, map(TIME, begun), map(TIME, ends))) or not all(
        map(eq, map(AGENT_ID, begun), map(AGENT_ID, ends))
    ):
        return None
    if events and not _undisturbed(begun, ends, events, calls.last_us):
        return None
    _take_outcomes(ends, calls)
    return calls if _take_durations(begun, ends, calls) else None


def _take_outcomes(ends: Sequence[FastEnd], calls: FastCalls) -> None:
    tally = Counter(map(CALLER, ends))
    for end in ends:
        if (
            end.error
            or end.has_error
            or end.event == "PostToolUseFailure"
            or (end.tool_response.__class__ is Response and end.tool_response.interrupted is True)
        ):
            if failure := _failure(end):
                tally[CALLER(end)] -= 1
                calls.failures.append((end.tool, _agent(end.agent_id, end.agent), *failure))
    for (tool, agent_id, agent), number in tally.items():
        calls.successes[tool, _agent(agent_id, agent)] += number


def _take_durations(begun: Sequence[FastStart], ends: Sequence[FastEnd], calls: FastCalls) -> bool:
    """Whether all are lengths of time that the plain path would take as they are."""
    milliseconds = [*map(DURATION, ends)]
    if None in milliseconds:
        durations_us = [
            _us(end.time) - _us(start.time) if end.duration_ms is None else end.duration_ms * 1000
            for start, end in zip(begun, ends, strict=True)
        ]
    else:
        durations_us = [value * 1000 for value in milliseconds]
    by_tool = calls.durations_us
    for tool, duration_us in zip(map(TOOL, ends), durations_us, strict=True):
        by_tool[tool].append(duration_us)
    return not durations_us or (min(durations_us) >= 0 and max(durations_us) < LONGEST_DURATION_US)


def _agent(agent_id: str | None, agent: str) -> str:
    return agent or (UNNAMED_AGENT if agent_id else MAIN_AGENT)


def _failure(end: FastEnd) -> tuple[Outcome, str] | None:
    """How the call failed; None where it did not."""
    if end.has_error is False:
        return None
    if end.error or end.has_error or end.event == "PostToolUseFailure":
        preview = msgspec.json.decode(end.output_preview) if isinstance(end, OldEnd) and end.output_preview else ""
        error = error_text(end.error, preview)
        return failure_outcome(error, interrupted=end.is_interrupt is True), error
    return Outcome.INTERRUPTED, ""


def _project(first: datetime, *files: Sequence[FastStart] | Sequence[FastEnd]) -> str:
    """The project of the earliest line."""
    line = next(line for lines in files for line in lines if line.time == first)
    return project_name(line.project_dir, line.cwd, line.transcript_path) if isinstance(line, PayloadLine) else ""


def _undisturbed(
    begun: Sequence[FastStart], ended: Sequence[FastEnd], events: Sequence[HookRecord], last_us: int
) -> bool:
    """Whether no event ends a call before its own end, or the session before its last call."""
    ends = {line.call_id: line for line in ended}
    moments: dict[str | None, list[datetime]] = {}
    for event in events:
        if event.time_us is None or (event.event == "SessionEnd" and event.time_us < last_us) or event.call_id in ends:
            return False
        moment = from_us(event.time_us)
        if any(ends[batched.call_id].time > moment for batched in event.batch if batched.call_id in ends):
            return False
        if closer := closer_of(event):
            moments.setdefault(_caller(closer, event), []).append(moment)
    everyone = moments.pop(None, [])
    closings = {agent_id: sorted(own + everyone) for agent_id, own in moments.items()}
    everyone.sort()
    return not any(
        _between(closings.get(start.agent_id or "", everyone), start.time, end.time)
        for start, end in zip(begun, ended, strict=True)
    )


def _caller(closer: Closer, event: HookRecord) -> str | None:
    """The agent whose calls an event ends; None for all of them."""
    return {Scope.MAIN_AGENT: "", Scope.SAME_AGENT: event.agent_id, Scope.ALL: None}[closer.scope]


def _between(moments: list[datetime], start: datetime, end: datetime) -> bool:
    return bisect_left(moments, start) != bisect_right(moments, end)


def _us(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
