"""Log lines of every known shape, read into one kind of record by a table of aliases.

The shapes: Claude Code's own payload (snake_case), with or without the recorder's stamp; the camelCase one; and the
pre and post lines of older recorders (`tool`, `parameters`, `status`, `has_error` …). One struct names every alias, so
that a line of any mixture is read the same way. What a line carries beyond it is skipped, never copied.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from exporter.records import MAIN_AGENT, BatchedCall, HookRecord, Outcome, Phase
from exporter.sources.error_categories import failure_outcome
from exporter.sources.projects import project_name
from exporter.sources.timestamps import to_us

LONGEST_ERROR = 4_000
LINE_START = re.compile(
    rb'\{ ?"(?:logged_at|timestamp|session_id|session_uuid|tool_name|tool|hook_event_name|hookEventName)" ?:'
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
    prompt_id: Any = None
    source: Any = None
    trigger: Any = None
    reason: Any = None
    tool_calls: msgspec.Raw = msgspec.Raw()


class BatchLine(msgspec.Struct, gc=False):
    """One call of a PostToolBatch payload."""

    tool_name: str = ""
    tool_use_id: str = ""
    tool_response: Any = None


class Response(msgspec.Struct, gc=False):
    """What a tool answered, as far as it matters: a command that a person stopped still ends by PostToolUse."""

    interrupted: Any = None


AnyResponse = Response | list[msgspec.Raw] | str | int | float | None
DECODER = msgspec.json.Decoder(HookLine)
RESPONSE_DECODER: msgspec.json.Decoder[AnyResponse] = msgspec.json.Decoder(AnyResponse)
BATCH_DECODER = msgspec.json.Decoder(list[BatchLine])


class MalformedLineError(ValueError):
    """The line is no JSON object."""


def decode_line(line: bytes) -> HookLine:
    """The fields of one JSON object.

    What strict JSON refuses but real files hold (lone surrogates, NaN, bytes that are no UTF-8) is repaired first.
    Raises MalformedLineError for anything else.
    """
    try:
        return DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_repaired(line)


def _decode_repaired(line: bytes) -> HookLine:
    try:
        loose = json.loads(line.decode("utf-8", "replace"), parse_constant=lambda _: None)
        strict = json.dumps(loose, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return DECODER.decode(strict)
    except (ValueError, RecursionError) as error:
        raise MalformedLineError from error


def salvage(line: bytes) -> HookLine | None:
    """The whole line that was appended to a torn one, with no newline between them."""
    starts = [match.start() for match in LINE_START.finditer(line, 1)]
    for start in starts[:LONGEST_GLUE]:
        try:
            return DECODER.decode(line[start:])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return None


def read_record(line: HookLine, phase: Phase, folder_session: str) -> HookRecord | None:
    """The record that a line holds, or None where it is data that nothing here counts.

    `phase` is what the file's name says its lines are; an event name in the line itself comes first.
    """
    event = _event_name(_text(line.hook_event_name or line.hookEventName))
    if event:
        phase = PHASES.get(event, Phase.EVENT)
    tool = _text(line.tool_name or line.tool or line.toolName)
    if not (event or (tool and phase is not Phase.EVENT)):
        return None
    agent_id = _text(line.agent_id or line.agentId)
    outcome, error = _outcome(line, event, phase)
    return HookRecord(
        phase,
        event,
        _text(line.session_id or line.session_uuid or line.sessionId) or folder_session,
        _time(line),
        tool,
        _text(line.tool_use_id or line.toolUseId).replace("\n", " "),
        agent_id,
        _text(line.agent_type or line.agentType or line.agent) or (UNNAMED_AGENT if agent_id else MAIN_AGENT),
        _duration(line),
        outcome,
        error,
        project_name(_text(line.project_dir), _text(line.cwd), _text(line.transcript_path)),
        _text(line.source or line.trigger or line.reason or line.prompt_id),
        bytes(line.tool_input or line.toolInput or line.parameters or line.params),
        _batch(line) if event == "PostToolBatch" else (),
    )


def _event_name(name: str) -> str:
    """PreToolUse, also where a recorder wrote pre_tool_use or preToolUse."""
    return name if name[:1].isupper() else "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _time(line: HookLine) -> int | None:
    for value in (line.logged_at, line.timestamp, line.ts):
        if value is not None:
            return to_us(value)
    return None


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
    if _failed(line, event, status):
        error = error_text(line.error, line.output_preview, line.reason)
        return failure_outcome(error, interrupted=line.is_interrupt is True), error
    response = RESPONSE_DECODER.decode(line.tool_response) if line.tool_response else None
    interrupted = isinstance(response, Response) and response.interrupted is True
    return Outcome.INTERRUPTED if interrupted else Outcome.SUCCESS, ""


def _failed(line: HookLine, event: str, status: str) -> bool:
    return (
        event == "PostToolUseFailure"
        or line.has_error is True
        or line.is_error is True
        or line.success is False
        or (line.has_error is None and bool(line.error))
        or status in FAILED_STATUSES
    )


def error_text(*values: object) -> str:
    """The first of the values that says anything, as text of bounded length."""
    for value in values:
        if value and not isinstance(value, bool):
            return (value if isinstance(value, str) else json.dumps(value))[:LONGEST_ERROR]
    return ""


def _batch(line: HookLine) -> tuple[BatchedCall, ...]:
    try:
        calls = BATCH_DECODER.decode(line.tool_calls)
    except (msgspec.DecodeError, RecursionError):
        return ()
    return tuple(
        BatchedCall(c.tool_name, c.tool_use_id, c.tool_response if isinstance(c.tool_response, str) else "")
        for c in calls
        if c.tool_use_id
    )


def _text(value: object) -> str:
    """Text for a name or an id; whatever else stands in its place counts as absent, but for numbers."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
