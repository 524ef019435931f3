"""The lines of a transcript, decoded.

Three quarters of all bytes are the outputs of tools, and most of the work is to walk over them. So it is done once: one
decoding yields all fields that are read, with the blocks of the message, but without the long texts.
"""

from __future__ import annotations

from typing import Any

import msgspec

from exporter.sources.json_repair import repaired
from exporter.sources.lines import BOM
from exporter.sources.tool_results import ToolResult

Anything = list[msgspec.Raw] | str | int | float | bool | None
PROGRESS = "progress"
AGENT_PROGRESS = "agent_progress"
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class CacheCreation(msgspec.Struct, gc=False):
    """Cache writes by lifetime."""

    ephemeral_5m_input_tokens: Any = 0
    ephemeral_1h_input_tokens: Any = 0


class ServerTools(msgspec.Struct, gc=False):
    """Uses of the tools that the API runs itself."""

    web_search_requests: Any = 0


class UsagePart(msgspec.Struct, gc=False):
    """The usage of one request of a message; only an advisor's has `model`."""

    input_tokens: Any = 0
    cache_creation_input_tokens: Any = 0
    cache_read_input_tokens: Any = 0
    output_tokens: Any = 0
    cache_creation: CacheCreation | None = None
    type: Any = None
    model: Any = None


class MessageUsage(UsagePart, gc=False):
    """The usage of a message."""

    server_tool_use: ServerTools | None = None
    inference_geo: Any = None
    iterations: list[UsagePart] | None = None
    speed: Any = None


class Block(msgspec.Struct, gc=False):
    """A block of content: a text, a call (`id`, `name`, `input`) or a result (`tool_use_id`, `is_error`, `content`).

    What may be long is not decoded, as it is rarely needed.
    """

    tool_use_id: Any = None
    type: Any = None
    content: msgspec.Raw = msgspec.Raw()
    is_error: Any = None
    id: Any = None
    name: Any = None
    input: msgspec.Raw = msgspec.Raw()
    text: msgspec.Raw = msgspec.Raw()


Content = list[Block | Anything] | Block | str | int | float | bool | None


class Message(msgspec.Struct, gc=False):
    """The message of a line; its content is a list of blocks, or a text."""

    id: str | None = None
    model: str | None = None
    content: Content = None
    stop_reason: Any = None
    usage: MessageUsage | None = None


class SearchResult(ToolResult, gc=False):
    """What a tool returned, which may be WebSearch."""

    query: Any = None
    searchCount: Any = None


class PermissionDecision(msgspec.Struct, gc=False):
    """Whether a call was allowed."""

    decision: Any = None


class Attachment(msgspec.Struct, gc=False):
    """What Claude Code attached to the conversation."""

    type: Any = None
    prompt: Content = None


class Compaction(msgspec.Struct, gc=False):
    """What made Claude Code compact the conversation, `auto` or `manual`, and its tokens before and after."""

    trigger: Any = None
    preTokens: Any = None
    postTokens: Any = None


class TranscriptLine(msgspec.Struct, gc=False):
    """The fields of a transcript line that are read.

    `turnOrigin` is in the line that begins a turn. Copies of another session's lines name it: those of messages in a
    `requestSessionId` that is not `sessionId`, those in a branch of the conversation in `forkedFrom`.
    """

    isSidechain: bool | None = None
    agentId: str | None = None
    promptId: str | None = None
    attachment: Attachment | Anything = None
    message: Message | None = None
    requestId: str | None = None
    attributionAgent: str | None = None
    attributionSkill: Any = None
    attributionMcpServer: Any = None
    type: str = ""
    subtype: Any = None
    operation: str | None = None
    content: Content = None
    uuid: str | None = None
    timestamp: Any = None
    toolUseResult: SearchResult | Anything = None
    toolDenialKind: str | None = None
    toolDenialBeforeRun: bool | None = None
    permissionDecision: PermissionDecision | Anything = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    cwd: str | None = None
    sessionId: str | None = None
    version: Any = None
    gitBranch: Any = None
    requestSessionId: str | None = None
    turnOrigin: str | None = None
    sessionKind: Any = None
    scheduledTaskId: Any = None
    forkedFrom: Any = None
    compactMetadata: Compaction | Anything = None
    data: msgspec.Raw = msgspec.Raw()
    error: Any = None
    retryInMs: Any = None
    isApiErrorMessage: Any = None
    apiErrorStatus: Any = None
    trigger: Any = None
    direction: Any = None
    originalModel: Any = None
    fallbackModel: Any = None
    customTitle: Any = None
    aiTitle: Any = None
    summary: Any = None
    leafUuid: Any = None
    continuedInSessionId: str | None = None

    @property
    def other_session(self) -> str:
        """The session that the line is of, if it was copied to a fork and names it."""
        if not self.requestSessionId and not self.forkedFrom:
            return ""
        named = self.requestSessionId or self._forked_from
        return named if named != self.sessionId else ""

    @property
    def _forked_from(self) -> str:
        session = self.forkedFrom.get("sessionId") if isinstance(self.forkedFrom, dict) else None
        return session if isinstance(session, str) else ""


class Progress(msgspec.Struct, gc=False):
    """The `data` of a line on progress; `message` is a line of a sub-agent if the type is AGENT_PROGRESS."""

    type: str = ""
    agentId: str | None = None
    message: TranscriptLine | None = None


DECODER = msgspec.json.Decoder(TranscriptLine)
TEXT_DECODER = msgspec.json.Decoder(str)
PROGRESS_DECODER = msgspec.json.Decoder(Progress)
OTHER_SHAPE = TranscriptLine()


def blocks(content: Content) -> list[Block]:
    """The blocks of content; empty if it is not a list of them."""
    return [block for block in content if isinstance(block, Block)] if isinstance(content, list) else []


def decoded_text(raw: msgspec.Raw) -> str | None:
    """A text that is not decoded yet; None if it is something else."""
    try:
        return TEXT_DECODER.decode(raw) if raw else None
    except UNDECODABLE:
        return None


def decode_line(line: bytes) -> TranscriptLine | None:
    """The fields of a line; all empty if it is JSON of another shape, None if it is not JSON.

    Some versions of Claude Code repeat the lines of sub-agents within lines of the main transcript on their progress:
    then it is the line of the sub-agent.
    """
    try:
        return _decode(line)
    except msgspec.ValidationError:
        return OTHER_SHAPE
    except UNDECODABLE:
        return _decode_repaired(line.removeprefix(BOM))


def _decode(text: bytes) -> TranscriptLine:
    line = DECODER.decode(text)
    return _line_of_agent(line) if line.type == PROGRESS and bytes(line.data) else line


def _line_of_agent(line: TranscriptLine) -> TranscriptLine:
    progress = PROGRESS_DECODER.decode(line.data)
    if progress.type != AGENT_PROGRESS or progress.message is None:
        return line
    return msgspec.structs.replace(
        progress.message, sessionId=line.sessionId, cwd=line.cwd, isSidechain=True, agentId=progress.agentId
    )


def _decode_repaired(line: bytes) -> TranscriptLine | None:
    for repair in (bytes, repaired):
        try:
            return _decode(repair(line))
        except msgspec.ValidationError:
            return OTHER_SHAPE
        except UNDECODABLE:
            continue
    return None
