"""The tool calls of transcript lines: their starts in the assistant's lines, their results in the user's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from exporter.model.records import HookRecord, Outcome, Phase
from exporter.sources.background import ended_by_result, launched_agent, launched_command
from exporter.sources.error_categories import failure_outcome
from exporter.sources.hook_records import error_text
from exporter.sources.timestamps import to_us
from exporter.sources.tool_results import ToolResult
from exporter.sources.transcript_files import TranscriptFile
from exporter.sources.transcript_lines import UNDECODABLE, PermissionDecision, TranscriptLine

TOOL_USE, TOOL_RESULT = b'"tool_use"', b'"tool_result"'
REFUSALS = frozenset({"reject", "deny"})
# The outcome of a refused call by its toolDenialKind. A person's rejection also stops calls that already run.
DENIAL_KINDS = {
    "permission-rule": Outcome.DENIED,
    "automode-blocked": Outcome.DENIED,
    "automode-unavailable": Outcome.DENIED,
    "automode-parsing-error": Outcome.DENIED,
    "interrupted": Outcome.INTERRUPTED,
    "cancelled": Outcome.INTERRUPTED,
}


class _Block(msgspec.Struct, gc=False):
    """A block of a message's content; `content` is that of a tool's result."""

    type: Any = None
    id: Any = None
    name: Any = None
    tool_use_id: Any = None
    is_error: Any = None
    content: msgspec.Raw = msgspec.Raw()


class _BlockWithInput(_Block, gc=False):
    """A block with the input of a call."""

    input: msgspec.Raw = msgspec.Raw()


BLOCKS = msgspec.json.Decoder(list[_Block])
BLOCKS_WITH_INPUTS = msgspec.json.Decoder(list[_BlockWithInput])
TEXTS = msgspec.json.Decoder(str | list[dict[str, Any]])


def tool_calls(line: TranscriptLine, file: TranscriptFile, *, inputs: bool = False) -> Iterator[HookRecord]:
    """The starts and ends of calls that a line reports, with their inputs if that is requested."""
    content = line.message.content if line.message else msgspec.Raw()
    if line.type == "assistant" and TOOL_USE in bytes(content):
        for block in _blocks(content, BLOCKS_WITH_INPUTS if inputs else BLOCKS):
            if block.type == "tool_use" and isinstance(block.name, str) and block.name:
                given = bytes(block.input) if isinstance(block, _BlockWithInput) else b""
                yield from _record(Phase.START, line, file, block.id, tool=block.name, input=given)
    elif line.type == "user" and TOOL_RESULT in bytes(content):
        for block in _blocks(content, BLOCKS):
            if block.type == "tool_result":
                yield from _record(Phase.END, line, file, block.tool_use_id, **_result(line, block))


def _record(
    phase: Phase, line: TranscriptLine, file: TranscriptFile, call_id: object, **fields: Any
) -> Iterator[HookRecord]:
    if not isinstance(call_id, str) or not call_id:
        return
    session_id = line.sessionId or file.session
    yield HookRecord(
        phase,
        "",
        session_id,
        to_us(line.timestamp),
        call_id=call_id.replace("\n", " "),
        agent_id=line.agentId or "",
        agent=file.agent(
            line.attributionAgent or "", line.agentId or "", is_sidechain=bool(line.isSidechain or line.agentId)
        ),
        project=file.project(session_id),
        **fields,
    )


def _blocks(content: msgspec.Raw, decoder: msgspec.json.Decoder[Any]) -> list[_Block]:
    try:
        found: list[_Block] = decoder.decode(content)
    except UNDECODABLE:
        return []
    return found


def _result(line: TranscriptLine, block: _Block) -> dict[str, Any]:
    """The fields of a record that a result determines."""
    outcome, error = _outcome(line, block)
    result = line.toolUseResult
    fields: dict[str, Any] = {"outcome": outcome, "error": error}
    if outcome is Outcome.SUCCESS and isinstance(result, ToolResult):
        fields |= {"background_agent": launched_agent(result), "background_command": launched_command(result)}
        fields["task_ends"] = ended_by_result(result)
    return fields


def _outcome(line: TranscriptLine, block: _Block) -> tuple[Outcome, str]:
    """The outcome of a result, and its text if it is an error."""
    if block.is_error is not True:
        result = line.toolUseResult
        interrupted = isinstance(result, ToolResult) and result.interrupted is True
        return (Outcome.INTERRUPTED if interrupted else Outcome.SUCCESS), ""
    error = _text(block.content)
    if not line.toolDenialKind:
        return failure_outcome(error), error
    decision = line.permissionDecision
    refused = isinstance(decision, PermissionDecision) and decision.decision in REFUSALS
    if refused or line.toolDenialBeforeRun is True:
        return Outcome.DENIED, error
    return DENIAL_KINDS.get(line.toolDenialKind, Outcome.INTERRUPTED), error


def _text(content: msgspec.Raw) -> str:
    """The text of a result, which is a string or a list of blocks."""
    try:
        found = TEXTS.decode(content) if content else ""
    except UNDECODABLE:
        return ""
    if isinstance(found, str):
        return error_text(found)
    return error_text("\n".join(text for block in found if isinstance(text := block.get("text"), str)))
