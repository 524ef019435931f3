"""The lines of one API message: Claude Code writes one for each block of its content, with the usage so far."""

from __future__ import annotations

from operator import gt

from msgspec.structs import astuple, replace

from exporter.model.records import ApiMessage
from exporter.sources.api_messages import usage_of
from exporter.sources.transcript_lines import MessageUsage, TranscriptLine

LENGTH_OF_TIME = len("2026-11-29T13:50:47.000Z")


class MessageLines:
    """Adds the messages of lines; one that obviously continues the one before is joined to it, which saves most work.

    The result is that of counting each line: what the first line says, with the largest usage. `joined` is the number
    of lines that were joined to another.
    """

    __slots__ = ("_before", "_index", "joined", "messages")

    def __init__(self, messages: list[ApiMessage]) -> None:
        self.messages = messages
        self.joined = 0
        self._before: TranscriptLine | None = None
        self._index = 0

    def begin(self, line: TranscriptLine, messages: list[ApiMessage]) -> None:
        """Add the messages of a line; if it is a single one, the next lines may continue it."""
        is_single = len(messages) == 1 and line.message is not None and bool(line.message.id)
        is_plain = is_single and not (messages[0].copied or line.other_session or line.isApiErrorMessage)
        self._before, self._index = line if is_plain else None, len(self.messages)
        self.messages += messages

    def join(self, line: TranscriptLine) -> ApiMessage | None:
        """The message that a line continues, with the usage of both; None if that is not obvious."""
        before, usage = self._before, _usage(line)
        if before is None or usage is None or not _continues(line, before) or not self._join_usage(usage, before):
            return None
        self._before = line
        self.joined += 1
        return self.messages[self._index]

    def _join_usage(self, usage: MessageUsage, line_before: TranscriptLine) -> bool:
        """Take over the usage of a line, if it is that of a single request, and smaller in no respect."""
        before = _usage(line_before)
        if before is None or usage == before:
            return before is not None
        if (
            usage.iterations
            or before.iterations
            or usage.speed != before.speed
            or usage.inference_geo != before.inference_geo
        ):
            return False
        message, larger = self.messages[self._index], usage_of(usage, usage.server_tool_use)
        if any(map(gt, astuple(message.usage), astuple(larger))):
            return False
        self.messages[self._index] = replace(message, usage=larger)
        return True


def _usage(line: TranscriptLine) -> MessageUsage | None:
    return line.message.usage if line.message else None


def _continues(line: TranscriptLine, before: TranscriptLine) -> bool:
    """Whether a line is of the message of the line before, and differs at most in content, tokens and a later time."""
    message, message_before = line.message, before.message
    return (
        message is not None
        and message_before is not None
        and message.id == message_before.id
        and line.requestId == before.requestId
        and message.model == message_before.model
        and line.sessionId == before.sessionId
        and line.requestSessionId == before.requestSessionId
        and line.forkedFrom == before.forkedFrom
        and line.agentId == before.agentId
        and line.attributionAgent == before.attributionAgent
        and line.isSidechain == before.isSidechain
        and line.version == before.version
        and line.isApiErrorMessage == before.isApiErrorMessage
        and _is_in_order(before.timestamp, line.timestamp)
    )


def _is_in_order(before: object, after: object) -> bool:
    """Whether two times are surely in order, without parsing them."""
    return (
        isinstance(before, str) and isinstance(after, str)
        and len(before) == len(after) == LENGTH_OF_TIME and before.endswith("Z") and after.endswith("Z")
        and before <= after
    )  # fmt: skip
