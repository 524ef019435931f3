"""Log lines of every known shape, read into one kind of record by a table of aliases.

The shapes: Claude Code's own payload (snake_case), with or without the recorder's stamp; the camelCase one; and the
pre and post lines of older recorders (`tool`, `parameters`, `status`, `has_error` …); and a stamp with any of these as
its `payload`. One struct names every alias, so that a line of any mixture is read the same way. What a line carries
beyond it is skipped, never copied.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from exporter.model.records import MAIN_AGENT, BatchedCall, HookRecord, Outcome, Phase
from exporter.sources.error_categories import failure_outcome
from exporter.sources.json_repair import repaired, valid_utf8
from exporter.sources.projects import project_name
from exporter.sources.timestamps import to_us

LONGEST_ERROR = 4_000
LINE_START = re.compile(
    rb'\{ ?"(?:logged_at|timestamp|session_id|session_uuid|sessionId|tool_name|tool|toolName'
    rb'|hook_event_name|hookEventName)" ?:'
)
LONGEST_GLUE = 8
UNNAMED_AGENT = "unnamed"
PHASES = {
    "PreToolUse": Phase.START,
    "PostToolUse": Phase.END,
    "PostToolUseFailure": Phase.END,
    "SessionStart": Phase.OPENING,
    "UserPromptSubmit": Phase.OPENING,
}
FAILED_STATUSES = frozenset({"error", "failed", "failure"})
BLOCKED_STATUSES = frozenset({"blocked", "denied"})


class HookLine(msgspec.Struct, gc=False):
    """Every field that is needed, under every name that it has been seen under."""

    logged_at: Any = None
    timestamp: Any = None
    ts: Any = None
    hook_event_name: Any = None
    hookEventName: Any = None
    session_id: Any = None
    session_uuid: Any = None
    sessionId: Any = None
    tool_name: Any = None
    tool: Any = None
    toolName: Any = None
    tool_use_id: Any = None
    toolUseId: Any = None
    tool_input: msgspec.Raw = msgspec.Raw()
    toolInput: msgspec.Raw = msgspec.Raw()
    parameters: msgspec.Raw = msgspec.Raw()
    params: msgspec.Raw = msgspec.Raw()
    tool_response: msgspec.Raw = msgspec.Raw()
    toolResult: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    output_preview: Any = None
    duration_ms: Any = None
    durationMs: Any = None
    duration: Any = None
    error: Any = None
    has_error: Any = None
    is_error: Any = None
    success: Any = None
    status: Any = None
    is_interrupt: Any = None
    agent_id: Any = None
    agentId: Any = None
    agent_type: Any = None
    agentType: Any = None
    agent: Any = None
    project_dir: Any = None
    cwd: Any = None
    transcript_path: Any = None
    source: Any = None
    trigger: Any = None
    reason: Any = None
    tool_calls: msgspec.Raw = msgspec.Raw()
    payload: msgspec.Raw = msgspec.Raw()


class BatchLine(msgspec.Struct, gc=False):
    """One call of a PostToolBatch payload."""

    tool_name: Any = None
    tool_use_id: Any = None
    tool_response: Any = None


class Response(msgspec.Struct, gc=False):
    """What a tool answered, as far as it matters: a command that a person stopped still ends by PostToolUse."""

    interrupted: Any = None


AnyResponse = Response | list[msgspec.Raw] | str | int | float | bool | None
DECODER = msgspec.json.Decoder(HookLine)
RESPONSE_DECODER: msgspec.json.Decoder[AnyResponse] = msgspec.json.Decoder(AnyResponse)
BATCH_DECODER = msgspec.json.Decoder(list[BatchLine])
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class MalformedLineError(ValueError):
    """The line is no JSON object."""


def decode_line(line: bytes) -> HookLine:
    """The fields of one JSON object.

    What strict JSON refuses but real files hold (lone surrogates, NaN, bytes that are no UTF-8) is repaired first.
    Raises MalformedLineError for anything else.
    """
    try:
        return DECODER.decode(line)
    except UNDECODABLE:
        pass
    try:
        return DECODER.decode(repaired(line))
    except UNDECODABLE as error:
        raise MalformedLineError from error


def salvage(line: bytes) -> HookLine | None:
    """The whole line that was appended to a torn one, with no newline between them."""
    starts = [match.start() for match in LINE_START.finditer(line, 1)]
    for start in starts[:LONGEST_GLUE]:
        try:
            return decode_line(line[start:])
        except MalformedLineError:
            continue
    return None


def read_record(line: HookLine, phase: Phase, directory_session: str) -> HookRecord | None:
    """The record that a line holds, or None where it is data that nothing here counts.

    `phase` is what the file's name says its lines are; an event name in the line itself comes first.
    """
    if line.payload:
        line = _unwrapped(line)
    event = _event_name(_first(line.hook_event_name, line.hookEventName))
    if event:
        phase = PHASES.get(event, Phase.EVENT)
    tool = _first(line.tool_name, line.tool, line.toolName)
    if not (event or (tool and phase is not Phase.EVENT)):
        return None
    agent_id = _first(line.agent_id, line.agentId)
    outcome, error = _outcome(line, event, phase)
    return HookRecord(
        phase,
        event,
        _first(line.session_id, line.session_uuid, line.sessionId) or directory_session,
        _time(line),
        tool,
        _call_id(_first(line.tool_use_id, line.toolUseId)),
        agent_id,
        _first(line.agent_type, line.agentType, line.agent) or (UNNAMED_AGENT if agent_id else MAIN_AGENT),
        _duration(line),
        outcome,
        error,
        project_name(_text(line.project_dir), _text(line.cwd), _text(line.transcript_path)),
        _text(line.transcript_path),
        _first(line.source, line.trigger, line.reason),
        _input(line),
        _batch(line) if event == "PostToolBatch" else (),
    )


def _unwrapped(line: HookLine) -> HookLine:
    """The payload that a recorder wrapped instead of stamping it, with the recorder's stamp."""
    if line.hook_event_name is not None or line.tool_name is not None or line.tool is not None:
        return line
    try:
        payload = decode_line(bytes(line.payload))
    except MalformedLineError:
        return line
    if (time_us := _time(line)) is not None:
        payload.logged_at = time_us
    return payload


def _event_name(name: str) -> str:
    """PreToolUse, also where a recorder wrote pre_tool_use or preToolUse."""
    return name if name[:1].isupper() else "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _time(line: HookLine) -> int | None:
    for value in (line.logged_at, line.timestamp, line.ts):
        if value is not None and (time_us := to_us(value)) is not None:
            return time_us
    return None


def _input(line: HookLine) -> bytes:
    """The input as it stands in the line."""
    for raw in (line.tool_input, line.toolInput, line.parameters, line.params):
        if raw and (text := bytes(raw)) != b"null":
            return valid_utf8(text)
    return b""


def _duration(line: HookLine) -> int | None:
    for value in (line.duration_ms, line.durationMs, line.duration):
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
            return round(value * 1000)
    return None


def _outcome(line: HookLine, event: str, phase: Phase) -> tuple[Outcome | None, str]:
    """The outcome that the line itself states, and its error text."""
    status = line.status if isinstance(line.status, str) else ""
    if phase is Phase.START:
        if status in BLOCKED_STATUSES:
            return Outcome.DENIED, error_text(line.error, line.reason)
        return (Outcome.ERROR, error_text(line.error)) if status in FAILED_STATUSES else (None, "")
    if phase is not Phase.END:
        return None, ""
    if status in BLOCKED_STATUSES:
        return Outcome.DENIED, error_text(line.error, line.reason)
    response = line.tool_response or line.toolResult or line.response or line.result
    if _failed(line, event, status):
        error = error_text(line.error, line.output_preview, line.reason) or _answer(response)
        return failure_outcome(error, interrupted=line.is_interrupt is True), error
    return Outcome.INTERRUPTED if _interrupted(response) else Outcome.SUCCESS, ""


def _failed(line: HookLine, event: str, status: str) -> bool:
    return (
        event == "PostToolUseFailure"
        or line.has_error is True
        or line.is_error is True
        or line.success is False
        or (line.has_error is None and bool(line.error))
        or status in FAILED_STATUSES
    )


def _interrupted(response: msgspec.Raw) -> bool:
    if b'"interrupted"' not in bytes(response):
        return False
    try:
        answer = RESPONSE_DECODER.decode(response)
    except UNDECODABLE:
        return False
    return isinstance(answer, Response) and answer.interrupted is True


def _answer(response: msgspec.Raw) -> str:
    """What a tool that failed answered, where the line names no error."""
    try:
        return error_text(msgspec.json.decode(response)) if response else ""
    except UNDECODABLE:
        return ""


def error_text(*values: object) -> str:
    """The first of the values that says anything, as text of bounded length."""
    for value in values:
        if value and not isinstance(value, bool):
            return (value if isinstance(value, str) else _written(value))[:LONGEST_ERROR]
    return ""


def _written(value: object) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        return ""


def _batch(line: HookLine) -> tuple[BatchedCall, ...]:
    try:
        calls = BATCH_DECODER.decode(line.tool_calls)
    except UNDECODABLE:
        return ()
    return tuple(
        BatchedCall(_text(call.tool_name), call_id, call.tool_response if isinstance(call.tool_response, str) else "")
        for call in calls
        if (call_id := _call_id(_text(call.tool_use_id)))
    )


def _call_id(text: str) -> str:
    """An id on one line: the ledger keeps one a line."""
    return text.replace("\n", " ")


def _first(*values: object) -> str:
    """The first of the values that is a text."""
    for value in values:
        if value is not None and (text := _text(value)):
            return text
    return ""


def _text(value: object) -> str:
    """Text for a name or an id; whatever else stands in its place counts as absent, but for numbers."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
