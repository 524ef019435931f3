"""Parses log lines of every known format into `HookRecord`s, by the table of aliases in `formats`.

The formats: Claude Code's own payload (snake_case), with or without the recorder's timestamp; the camelCase one; the
pre and post lines of older recorders (`tool`, `parameters`, `status`, `has_error` …); and a timestamp with any of these
as its `payload`. Lines that mix formats are parsed the same way.
"""

from __future__ import annotations

import json

import msgspec

from exporter.model.records import (
    CALL_PHASES,
    MAIN_AGENT,
    UNNAMED_AGENT,
    BatchedCall,
    HookRecord,
    Outcome,
    Phase,
    TaskEnd,
)
from exporter.sources.background import (
    AGENT_TOOLS,
    LAUNCHING_TOOLS,
    ended_by_result,
    launched_agent,
    launched_command,
    notified,
    stopped_by_input,
)
from exporter.sources.code_changes import code_change
from exporter.sources.error_categories import failure_outcome
from exporter.sources.formats import (
    AGENT,
    AGENT_ID,
    CALL_ID,
    DETAIL,
    DURATION,
    EVENT,
    INPUT,
    MAX_DURATION_MS,
    PLACE,
    RESPONSE,
    SESSION,
    TIME,
    TOOL,
    TURN,
    BatchLine,
    HookLine,
)
from exporter.sources.json_repair import repaired, valid_utf8
from exporter.sources.lines import BOM
from exporter.sources.projects import project_of
from exporter.sources.prompts import encoded_text, hook_prompt, schedule
from exporter.sources.timestamps import to_us
from exporter.sources.tool_results import ToolResult, tool_result

MAX_ERROR_CHARACTERS = 4_000
PHASES = {
    "PreToolUse": Phase.START,
    "PostToolUse": Phase.END,
    "PostToolUseFailure": Phase.END,
    "SessionStart": Phase.OPENING,
    "UserPromptSubmit": Phase.OPENING,
}
FAILED_STATUSES = frozenset({"error", "failed", "failure"})
BLOCKED_STATUSES = frozenset({"blocked", "denied"})


DECODER = msgspec.json.Decoder(HookLine)
NO_RESPONSE = msgspec.Raw()
BATCH_DECODER = msgspec.json.Decoder(list[BatchLine])
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class MalformedLineError(ValueError):
    """The line is not a JSON object."""


def decode_line(line: bytes) -> HookLine:
    """Decode one JSON object. Raises MalformedLineError.

    Lone surrogates, NaN and invalid UTF-8, which strict JSON rejects but which real files contain, are repaired.
    """
    try:
        return DECODER.decode(line)
    except UNDECODABLE:
        pass
    try:
        return DECODER.decode(repaired(line))
    except UNDECODABLE as error:
        raise MalformedLineError from error


def read_record(line: HookLine, phase: Phase, directory_session: str, file_event: str = "") -> HookRecord | None:
    """The record of a line; None if the line is neither an event nor a tool call.

    `phase` and `file_event` are implied by the file's name; an event named by the line itself takes precedence.
    """
    if line.payload:
        line = _unwrapped(line)
    named = _event_name(_first(EVENT(line)))
    event = named or file_event
    if event:
        phase = PHASES.get(event, Phase.EVENT)
    tool = _first(TOOL(line))
    if not (named or (tool if phase in CALL_PHASES else event)):
        return None
    agent_id = _first(AGENT_ID(line))
    response = next(filter(None, RESPONSE(line)), NO_RESPONSE) if phase is Phase.END else NO_RESPONSE
    result = tool_result(response) if response else None
    outcome, error = _outcome(line, event, phase, response, result)
    tool_input = _input(line) if tool else b""
    text = encoded_text(line.prompt) if event == "UserPromptSubmit" else None
    return HookRecord(
        phase,
        event,
        _first(SESSION(line)) or directory_session,
        _time(line),
        tool,
        _call_id(_first(CALL_ID(line))),
        agent_id,
        _agent(line, agent_id),
        _duration(line) if phase is Phase.END else None,
        outcome,
        error,
        project_of(*map(_text, PLACE(line))),
        _text(line.transcript_path),
        _first(DETAIL(line)),
        tool_input,
        _batch(line) if event == "PostToolBatch" else (),
        _first(TURN(line)),
        None if text is None else hook_prompt(text),
        schedule(line.session_crons) if line.session_crons else (),
        launched_agent(result) if result and tool in LAUNCHING_TOOLS else "",
        launched_command(result) if result and outcome is Outcome.SUCCESS else "",
        notified(text) if text else _ended_tasks(tool, tool_input, result) if outcome is Outcome.SUCCESS else (),
        code_change(result) if result and outcome is Outcome.SUCCESS else None,
    )


def payload(line: bytes) -> HookLine:
    """The fields of a line, also of one that a recorder wrapped; all empty if it is malformed."""
    try:
        decoded = decode_line(line.removeprefix(BOM))
    except MalformedLineError:
        return HookLine()
    return _unwrapped(decoded) if decoded.payload else decoded


def _ended_tasks(tool: str, tool_input: bytes, result: ToolResult | None) -> tuple[TaskEnd, ...]:
    return ended_by_result(result) if result and tool in AGENT_TOOLS else stopped_by_input(tool, tool_input)


def _unwrapped(line: HookLine) -> HookLine:
    """The payload that a recorder wrapped together with a timestamp, which is moved into it."""
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
    """The name in CamelCase: PreToolUse for pre_tool_use and preToolUse, too."""
    return name if name[:1].isupper() else "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _agent(line: HookLine, agent_id: str) -> str:
    """The agent of a line. Claude Code gives the main agent a type (`--agent`), but no id; older recorders, no ids."""
    if agent_id:
        return _first(AGENT(line)) or UNNAMED_AGENT
    return _text(line.agent) or MAIN_AGENT


def _time(line: HookLine) -> int | None:
    for value in TIME(line):
        if value is not None and (time_us := to_us(value)) is not None:
            return time_us
    return None


def _input(line: HookLine) -> bytes:
    """The raw JSON of the input, with invalid UTF-8 replaced."""
    for raw in INPUT(line):
        if raw and (text := bytes(raw)) != b"null":
            return valid_utf8(text)
    return b""


def _duration(line: HookLine) -> int | None:
    for value in DURATION(line):
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_DURATION_MS:
            return round(value * 1000)
    return None


def _outcome(
    line: HookLine, event: str, phase: Phase, response: msgspec.Raw, result: ToolResult | None
) -> tuple[Outcome | None, str]:
    """The outcome and error text that the line itself reports."""
    if phase not in CALL_PHASES:
        return None, ""
    status = line.status if isinstance(line.status, str) else ""
    if phase is Phase.START:
        if status in BLOCKED_STATUSES:
            return Outcome.DENIED, error_text(line.error, line.reason)
        return (Outcome.ERROR, error_text(line.error)) if status in FAILED_STATUSES else (None, "")
    if status in BLOCKED_STATUSES:
        return Outcome.DENIED, error_text(line.error, line.reason)
    if _failed(line, event, status):
        error = error_text(line.error, line.output_preview, line.reason) or _answer(response)
        return failure_outcome(error, interrupted=line.is_interrupt is True), error
    return Outcome.INTERRUPTED if result and result.interrupted is True else Outcome.SUCCESS, ""


def _failed(line: HookLine, event: str, status: str) -> bool:
    return (
        event == "PostToolUseFailure"
        or line.has_error is True
        or line.is_error is True
        or line.success is False
        or (line.has_error is None and bool(line.error))
        or status in FAILED_STATUSES
    )


def _answer(response: msgspec.Raw) -> str:
    """The response of a failed tool as its error text, for lines without an error field."""
    try:
        return error_text(msgspec.json.decode(response)) if response else ""
    except UNDECODABLE:
        return ""


def error_text(*values: object) -> str:
    """The first value that is not empty, as text of bounded length."""
    for value in values:
        if value and not isinstance(value, bool):
            return (value if isinstance(value, str) else _written(value))[:MAX_ERROR_CHARACTERS]
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
    """The id without newlines, because the ledger stores ids separated by them."""
    return text.replace("\n", " ")


def _first(values: tuple[object, ...]) -> str:
    """The first value that is text or a number, as text; empty if there is none."""
    for value in values:
        if value is not None and (text := _text(value)):
            return text
    return ""


def _text(value: object) -> str:
    """Text of a name or id; integers are converted, values of other types count as absent."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
