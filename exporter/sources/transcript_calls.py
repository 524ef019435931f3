"""The tool calls of transcript lines: their starts in the assistant's lines, their results in the user's."""

from __future__ import annotations

from typing import Any

import msgspec

from exporter.model.records import HookRecord, Outcome, Phase
from exporter.sources.background import ended_by_result, launched_agent, launched_by_text, launched_command
from exporter.sources.code_changes import code_change
from exporter.sources.error_categories import failure_outcome
from exporter.sources.hook_records import error_text
from exporter.sources.tool_results import ToolResult
from exporter.sources.transcript_authors import Author
from exporter.sources.transcript_lines import UNDECODABLE, Block, PermissionDecision, TranscriptLine, blocks

TOOL_USE, TOOL_RESULT = "tool_use", "tool_result"
COMMAND, IN_BACKGROUND = b"Command ", b"background"
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

# What takes the place of a result in a session that is continued, because its process was killed or it was forked.
FILLED_IN = (
    "[Tool call interrupted: the session ended before this call's result was recorded",
    "[Agent call interrupted: the process running this conversation stopped",
    "[Tool call result not in this copy",
)


TEXTS = msgspec.json.Decoder(str | list[dict[str, Any]])


def tool_calls(line: TranscriptLine, author: Author, time_us: int | None, *, inputs: bool = False) -> list[HookRecord]:
    """The starts and ends of calls that a line reports, with their inputs if that is requested."""
    if line.message is None or not isinstance(line.message.content, list):
        return []
    if line.type == "assistant":
        return [
            _start(block, author, time_us, bytes(block.input) if inputs else b"")
            for block in blocks(line.message.content)
            if block.type == TOOL_USE and _is_text(block.name) and _is_text(block.id)
        ]
    if line.type == "user":
        return [
            _end(block, line, author, time_us)
            for block in blocks(line.message.content)
            if block.type == TOOL_RESULT and _is_text(block.tool_use_id)
        ]
    return []


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _start(block: Block, author: Author, time_us: int | None, given: bytes) -> HookRecord:
    call_id = _on_one_line(block.id)
    return HookRecord(
        Phase.START, "", author.session_id, time_us, block.name, call_id, author.agent_id, author.agent,
        project=author.project, input=given,
    )  # fmt: skip


def _end(block: Block, line: TranscriptLine, author: Author, time_us: int | None) -> HookRecord:
    outcome, error = _outcome(line, block)
    effects = _effects(line, block) if outcome is Outcome.SUCCESS else {}
    return HookRecord(
        Phase.END, "", author.session_id, time_us, "", _on_one_line(block.tool_use_id), author.agent_id, author.agent,
        None, outcome, error, author.project, **effects,
    )  # fmt: skip


def _on_one_line(call_id: str) -> str:
    return call_id.replace("\n", " ")


def _effects(line: TranscriptLine, block: Block) -> dict[str, Any]:
    """The fields of a record on work that a successful call launched or ended, and on what it changed."""
    result = line.toolUseResult
    if isinstance(result, ToolResult):
        return {
            "background_agent": launched_agent(result),
            "background_command": launched_command(result),
            "task_ends": ended_by_result(result),
            "change": code_change(result),
        }
    content = bytes(block.content)
    if COMMAND in content and IN_BACKGROUND in content:
        return {"background_command": launched_by_text(_text(block.content))}
    return {}


def _outcome(line: TranscriptLine, block: Block) -> tuple[Outcome, str]:
    """The outcome of a result, and its text if it is an error."""
    if block.is_error is not True:
        result = line.toolUseResult
        interrupted = isinstance(result, ToolResult) and result.interrupted is True
        return (Outcome.INTERRUPTED if interrupted else Outcome.SUCCESS), ""
    error = _text(block.content)
    if error.startswith(FILLED_IN):
        return Outcome.UNKNOWN, ""
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
