"""The lines of a transcript that matter, decoded.

Many lines are attachments and bookkeeping. So a line is decoded only if it contains one of a few keys or types, which
cannot occur inside a string, where their quotes would be escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from exporter.sources.json_repair import repaired
from exporter.sources.lines import BOM
from exporter.sources.tool_results import ToolResult

USAGE = b'"usage"'
USER = b'"type":"user"'
COST_STATE = b'"type":"cost-state"'
SYSTEM = b'"type":"system"'
QUEUED_PROMPT, QUEUE = b'"queued_command"', b'"type":"queue-operation"'
MARKERS = (USAGE, USER, COST_STATE, SYSTEM, QUEUED_PROMPT, QUEUE)
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

    type: Any = None
    model: Any = None
    input_tokens: Any = 0
    output_tokens: Any = 0
    cache_read_input_tokens: Any = 0
    cache_creation_input_tokens: Any = 0
    cache_creation: CacheCreation | None = None


class MessageUsage(UsagePart, gc=False):
    """The usage of a message."""

    server_tool_use: ServerTools | None = None
    speed: Any = None
    inference_geo: Any = None
    iterations: list[UsagePart] | None = None


class Message(msgspec.Struct, gc=False):
    """The message of a line; `content` is decoded by those who need it."""

    id: str | None = None
    model: str | None = None
    usage: MessageUsage | None = None
    stop_reason: Any = None
    content: msgspec.Raw = msgspec.Raw()


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
    prompt: msgspec.Raw = msgspec.Raw()


class Compaction(msgspec.Struct, gc=False):
    """What made Claude Code compact the conversation: `auto` or `manual`."""

    trigger: Any = None


class TranscriptLine(msgspec.Struct, gc=False):
    """The fields of a transcript line that are read.

    `turnOrigin` is in the line that begins a turn. Copies of another session's lines name it: those of messages in a
    `requestSessionId` that is not `sessionId`, those in a branch of the conversation in `forkedFrom`.
    """

    type: str = ""
    message: Message | None = None
    requestId: str | None = None
    uuid: str | None = None
    timestamp: Any = None
    sessionId: str | None = None
    requestSessionId: str | None = None
    cwd: str | None = None
    isSidechain: bool | None = None
    agentId: str | None = None
    attributionAgent: str | None = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    promptId: str | None = None
    turnOrigin: str | None = None
    scheduledTaskId: Any = None
    forkedFrom: Any = None
    attachment: Attachment | Anything = None
    operation: str | None = None
    content: msgspec.Raw = msgspec.Raw()
    compactMetadata: Compaction | Anything = None
    toolUseResult: SearchResult | Anything = None
    toolDenialKind: str | None = None
    toolDenialBeforeRun: bool | None = None
    permissionDecision: PermissionDecision | Anything = None
    data: msgspec.Raw = msgspec.Raw()
    subtype: Any = None
    error: Any = None
    retryInMs: Any = None
    isApiErrorMessage: Any = None
    apiErrorStatus: Any = None
    trigger: Any = None
    direction: Any = None
    originalModel: Any = None
    fallbackModel: Any = None

    @property
    def other_session(self) -> str:
        """The session that the line is of, if it was copied to a fork and names it."""
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
PROGRESS_DECODER = msgspec.json.Decoder(Progress)
OTHER_SHAPE = TranscriptLine()


def marked_lines(data: bytes) -> Iterator[bytes]:
    """The lines that contain one of MARKERS."""
    find, start, size = data.find, 0, len(data)
    while start < size:
        end = find(b"\n", start)
        if end < 0:
            end = size
        if any(find(marker, start, end) >= 0 for marker in MARKERS):
            yield data[start:end]
        start = end + 1


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
