"""The API messages of transcript lines: usage, model, agent and the key that all lines of a message share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

import msgspec

from exporter.model.keys import key_of
from exporter.model.records import FAST, US, ApiMessage, Usage
from exporter.sources.transcript_authors import TranscriptFile
from exporter.sources.transcript_lines import (
    CacheCreation,
    Message,
    ServerTools,
    TranscriptLine,
    UsagePart,
)

SYNTHETIC = "<synthetic>"  # the model of messages that Claude Code writes itself, without an API request
MAX_TOKENS = 10**8  # a hundred of the largest context windows; a larger number counts as 0
NO_GEO = "not_available"
ADVISOR = "advisor_message"
MAX_NAME_CHARACTERS = 256  # of a branch, a skill and so on, each of which the ledger keeps
NO_CACHE_CREATION = CacheCreation()
NO_USAGE = Usage()
MIN_PARTS = 2
SUMMED: tuple[Callable[[Usage], int], ...] = tuple(map(attrgetter, ("input", "output", "cache_read", "prompt")))


def api_messages(line: TranscriptLine, text: bytes, file: TranscriptFile, time_us: int | None) -> list[ApiMessage]:
    """The API message that a line reports, followed by those of its advisors; `text` is the line itself."""
    message = line.message
    if message is None or message.usage is None or message.model in {None, "", SYNTHETIC}:
        return []
    usage, other = message.usage, line.other_session
    whole = usage_of(usage, usage.server_tool_use)
    copied = not line.requestSessionId and not other and file.is_older(time_us)
    if (copied or line.requestSessionId or other) and whole == NO_USAGE:
        return []  # the usage of a copy is zeroed after a compaction
    session = file.session_of(other or line.sessionId or "")
    reported = ApiMessage(
        message_key(line, message, text),
        file.written_us if time_us is None else time_us,
        message.model or "",
        file.author(line).agent,
        session.label,
        session.session_id,
        whole,
        usage.speed == FAST,
        usage.inference_geo == US,
        _parts(usage.iterations, whole) if usage.iterations else (),
        copied,
        session.born_us,
        _text(line.gitBranch),
        _text(line.attributionSkill),
        _text(line.attributionMcpServer),
        _text(usage.speed),
        "" if usage.inference_geo == NO_GEO else _text(usage.inference_geo),
    )
    return [reported, *_advisor_messages(reported, usage.iterations)] if usage.iterations else [reported]


def _advisor_messages(message: ApiMessage, iterations: Sequence[UsagePart]) -> Iterator[ApiMessage]:
    """Advisor requests within a message, as messages of their own: each has its own model and is charged separately."""
    parts = [part for part in iterations if part.type == ADVISOR]
    for number, part in enumerate(parts):
        if isinstance(part.model, str) and part.model:
            key = key_of(b"%d advice %d" % (message.key, number))
            yield msgspec.structs.replace(
                message, key=key, model=part.model, usage=usage_of(part), fast=False, speed="", parts=()
            )


def message_key(line: TranscriptLine, message: Message, text: bytes) -> int:
    """A hash of 63 bits that all lines of one message share."""
    name = f"{message.id}\n{line.requestId or ''}" if message.id else line.uuid or ""
    return key_of(name.encode("utf-8", "replace") or text.removesuffix(b"\n"))


def usage_of(part: UsagePart, tools: ServerTools | None = None) -> Usage:
    """Tokens by kind, without overlap; cache writes count as 5-minute ones unless reported as 1-hour ones."""
    creation = part.cache_creation or NO_CACHE_CREATION
    hour = _number(creation.ephemeral_1h_input_tokens)
    written = _number(part.cache_creation_input_tokens) or hour + _number(creation.ephemeral_5m_input_tokens)
    hour = min(hour, written)
    return Usage(
        _number(part.input_tokens),
        _number(part.output_tokens),
        _number(part.cache_read_input_tokens),
        written - hour,
        hour,
        _number(tools.web_search_requests) if tools else 0,
    )


def _parts(iterations: Sequence[UsagePart], whole: Usage) -> tuple[Usage, ...]:
    """The usages of a message's requests; empty if it is a single request or they do not add up to `whole`."""
    parts = [usage_of(part) for part in iterations if part.type == "message"]
    if len(parts) < MIN_PARTS or any(sum(map(of, parts)) != of(whole) for of in SUMMED):
        return ()
    hour = whole.cache_write_1h - sum(part.cache_write_1h for part in parts)  # parts may not report it
    for number, part in enumerate(parts):
        moved = max(0, min(hour, part.cache_write_5m))
        hour -= moved
        parts[number] = msgspec.structs.replace(
            part, cache_write_5m=part.cache_write_5m - moved, cache_write_1h=part.cache_write_1h + moved
        )
    return tuple(parts)


def _text(value: object) -> str:
    return value[:MAX_NAME_CHARACTERS] if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if type(value) is int and 0 < value < MAX_TOKENS else 0  # isinstance would accept booleans
