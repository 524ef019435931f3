"""The fast path of a cold start: the calls of a folder never read before, paired by id without a record each.

It takes what it can be sure of: lines of the two layouts that make up nearly every log. The lines that it cannot pair
it leaves to the plain path, and a folder that holds anything unusual it leaves whole. Both paths come to the same
numbers; a test compares them on made logs of every sort.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Annotated, Any, Literal

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


class OldStart(msgspec.Struct, gc=False):
    """The pre line of older recorders."""

    time: Moment = msgspec.field(name="timestamp")
    tool: Name = msgspec.field(name="tool")
    call_id: Name = msgspec.field(name="tool_use_id")
    session: str = msgspec.field(name="session_uuid", default="")
    agent: str = ""
    status: Literal["starting"] | None = None
    project_dir: None = None
    cwd: None = None
    agent_id: None = None
    agentId: None = None
    agent_type: None = None
    agentType: None = None
    logged_at: None = None
    hook_event_name: None = None
    hookEventName: None = None
    session_id: None = None
    tool_name: None = None


class OldEnd(OldStart, gc=False):
    """The post line of older recorders."""

    has_error: bool | None = None
    error: str | None = None
    output_preview: msgspec.Raw = msgspec.Raw()
    duration_ms: int | None = None
    is_interrupt: bool | None = None
    durationMs: None = None
    duration: None = None
    is_error: None = None
    success: None = None
    reason: None = None
    tool_response: None = None


FastStart = PayloadLine | OldStart
FastEnd = PayloadLine | OldEnd
LONGEST_DURATION_US = 10**15
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
    durations_us: dict[str, list[int]] = field(default_factory=dict)
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
    """The calls with both a start and an end; None where the plain path might come to something else."""
    starts_by_id = {line.call_id: line for line in starts}
    ends_by_id = {line.call_id: line for line in ends}
    if len(starts_by_id) != len(starts) or len(ends_by_id) != len(ends):
        return None
    if not {line.session for line in chain(starts, ends)} <= {"", session}:
        return None
    times = [line.time for line in chain(starts, ends)]
    first, last = min(times), max(times)
    calls = FastCalls(_us(first), _us(last), _project(first, starts, ends))
    calls.lone_starts = [n for n, line in enumerate(starts) if line.call_id not in ends_by_id]
    calls.lone_ends = [n for n, line in enumerate(ends) if line.call_id not in starts_by_id]
    calls.call_ids = [line.call_id for line in ends if line.call_id in starts_by_id]
    pairs = [(starts_by_id[call_id], ends_by_id[call_id]) for call_id in calls.call_ids]
    if events and not _undisturbed(pairs, ends_by_id, events, calls.last_us):
        return None
    return calls if all(_take(start, end, calls) for start, end in pairs) else None


def _take(start: FastStart, end: FastEnd, calls: FastCalls) -> bool:
    """Count one call; False where its clock went backwards."""
    tool, duration_ms = end.tool, end.duration_ms
    caller = end if end.agent_id or not start.agent_id else start
    agent = caller.agent or (UNNAMED_AGENT if caller.agent_id else MAIN_AGENT)
    failure = _failure(end)
    if failure:
        calls.failures.append((tool, agent, *failure))
    else:
        calls.successes[tool, agent] += 1
    duration_us = _us(end.time) - _us(start.time) if duration_ms is None else duration_ms * 1000
    try:
        calls.durations_us[tool].append(duration_us)
    except KeyError:
        calls.durations_us[tool] = [duration_us]
    return start.time <= end.time and 0 <= duration_us < LONGEST_DURATION_US


def _failure(end: FastEnd) -> tuple[Outcome, str] | None:
    """How the call failed; None where it did not."""
    if isinstance(end, PayloadLine):
        if end.event == "PostToolUseFailure" or end.error:
            error = error_text(end.error)
            return failure_outcome(error, interrupted=end.is_interrupt is True), error
        response = end.tool_response
        return (Outcome.INTERRUPTED, "") if isinstance(response, Response) and response.interrupted is True else None
    if end.has_error or (end.error and end.has_error is None):
        error = error_text(end.error) or (
            error_text(msgspec.json.decode(end.output_preview)) if end.output_preview else ""
        )
        return failure_outcome(error, interrupted=end.is_interrupt is True), error
    return None


def _project(first: datetime, *files: Sequence[FastStart]) -> str:
    """The project of the earliest line."""
    line = next(line for lines in files for line in lines if line.time == first)
    return project_name(line.project_dir, line.cwd, line.transcript_path) if isinstance(line, PayloadLine) else ""


def _undisturbed(
    pairs: Sequence[tuple[FastStart, FastEnd]], ends: Mapping[str, FastEnd], events: Sequence[HookRecord], last_us: int
) -> bool:
    """Whether no event ends a call before its own end, or the session before its last call."""
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
    return not any(_between(closings.get(start.agent_id or "", everyone), start.time, end.time) for start, end in pairs)


def _caller(closer: Closer, event: HookRecord) -> str | None:
    """The agent whose calls an event ends; None for all of them."""
    return {Scope.MAIN_AGENT: "", Scope.SAME_AGENT: event.agent_id, Scope.ALL: None}[closer.scope]


def _between(moments: list[datetime], start: datetime, end: datetime) -> bool:
    return bisect_left(moments, start) != bisect_right(moments, end)


def _us(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
