"""Reads the API messages of transcripts; lines that report usage are found without decoding the others.

Three quarters of a transcript are tool output, which is not needed here. So a line is decoded only if it contains the
key `"usage"`, which cannot occur inside a string, where its quotes would be escaped. A line with the type `user` before
its first inner object is not even searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import msgspec

from exporter.model.records import MAIN_AGENT, ApiMessage, Usage
from exporter.sources.files import LogFile
from exporter.sources.hook_records import UNNAMED_AGENT
from exporter.sources.json_repair import repaired
from exporter.sources.lines import BOM, Chunk, Position, position_at, read_chunk
from exporter.sources.projects import project_name
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_files import agent_type

USAGE_KEY = b'"usage"'
USER_TYPE = b'"type":"user"'
SYNTHETIC = "<synthetic>"  # the model of messages that Claude Code writes itself, without an API request
MAX_TOKENS = 10**12
US = "us"
FAST = "fast"
ADVISOR = "advisor_message"
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _CacheCreation(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: Any = 0
    ephemeral_1h_input_tokens: Any = 0


class _ServerTools(msgspec.Struct, gc=False):
    web_search_requests: Any = 0


class _Part(msgspec.Struct, gc=False):
    """One request of a message; only an advisor's has `model`."""

    type: Any = None
    model: Any = None
    input_tokens: Any = 0
    output_tokens: Any = 0
    cache_read_input_tokens: Any = 0
    cache_creation_input_tokens: Any = 0
    cache_creation: _CacheCreation | None = None


class _Usage(_Part, gc=False):
    server_tool_use: _ServerTools | None = None
    speed: Any = None
    inference_geo: Any = None
    iterations: list[_Part] | None = None


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None


class _Line(msgspec.Struct, gc=False):
    """The fields of a transcript line that are read."""

    type: str = ""
    message: _Message | None = None
    requestId: str | None = None
    uuid: str | None = None
    timestamp: Any = None
    sessionId: str | None = None
    cwd: str | None = None
    isSidechain: bool | None = None
    agentId: str | None = None
    attributionAgent: str | None = None


DECODER = msgspec.json.Decoder(_Line)
NO_CACHE_CREATION = _CacheCreation()
MIN_PARTS = 2
SUMMED: tuple[Callable[[Usage], int], ...] = tuple(map(attrgetter, ("input", "output", "cache_read", "prompt")))


@dataclass(slots=True)
class TranscriptRead:
    """The result of reading a transcript once."""

    chunk: Chunk
    position: Position
    malformed: int
    messages: list[ApiMessage] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """The number of lines read, including those without usage."""
        data = self.chunk.data
        return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))

    @property
    def bytes_read(self) -> int:
        """The number of bytes read."""
        return self.chunk.bytes_read

    @property
    def more(self) -> bool:
        """Whether more lines may follow in the file."""
        return self.chunk.more


def read_transcript(file: LogFile, position: Position, directory: str) -> TranscriptRead | None:
    """Read the new messages of a transcript in a project's directory; None if it has no new lines. Raises OSError."""
    chunk = read_chunk(file, position)
    if chunk is None:
        return None
    read = TranscriptRead(chunk, position_at(file, chunk, chunk.end), malformed=chunk.torn)
    written_us, agent, transcript = file.modified_ns // 1000, "", f"{directory}/transcript"
    for line in usage_lines(chunk.data):
        decoded = _decode(line)
        if decoded is None:
            read.malformed += 1
        elif message := _message(decoded, line, written_us, transcript):
            if message.agent == UNNAMED_AGENT:
                agent = agent or agent_type(file) or UNNAMED_AGENT
                message = msgspec.structs.replace(message, agent=agent)
            read.messages += (message, *_advisor_messages(message, decoded))
    return read


def usage_lines(data: bytes) -> Iterator[bytes]:
    """The lines that contain the key `usage`, without those whose type is `user`."""
    find, find_last, start, size = data.find, data.rfind, 0, len(data)  # rfind, because usage follows the content
    while start < size:
        end = find(b"\n", start)
        if end < 0:
            end = size
        inner = find(b"{", start + 1, end)
        if find(USER_TYPE, start, inner if inner >= 0 else end) < 0 and find_last(USAGE_KEY, start, end) >= 0:
            yield data[start:end]
        start = end + 1


def _decode(line: bytes) -> _Line | None:
    """The fields of a line; all empty if it is JSON of another shape, None if it is not JSON."""
    try:
        return DECODER.decode(line)
    except msgspec.ValidationError:
        return _Line()
    except UNDECODABLE:
        return _decode_repaired(line.removeprefix(BOM))


def _decode_repaired(line: bytes) -> _Line | None:
    for repair in (bytes, repaired):
        try:
            return DECODER.decode(repair(line))
        except msgspec.ValidationError:
            return _Line()
        except UNDECODABLE:
            continue
    return None


def _message(line: _Line, text: bytes, written_us: int, transcript: str) -> ApiMessage | None:
    """The API message that a line reports; None if it reports none."""
    message = line.message
    if line.type != "assistant" or message is None or message.usage is None or message.model in {None, "", SYNTHETIC}:
        return None
    time_us, usage = to_us(line.timestamp), message.usage
    whole = _usage(usage, usage.server_tool_use)
    return ApiMessage(
        _key(line, message, text),
        written_us if time_us is None else time_us,
        message.model or "",
        line.attributionAgent or (UNNAMED_AGENT if line.isSidechain or line.agentId else MAIN_AGENT),
        project_name("", line.cwd or "", transcript),
        line.sessionId or "",
        whole,
        usage.speed == FAST,
        usage.inference_geo == US,
        _parts(usage.iterations, whole) if usage.iterations else (),
    )


def _advisor_messages(message: ApiMessage, line: _Line) -> Iterator[ApiMessage]:
    """Advisor requests within a message, as messages of their own: each has its own model and is charged separately."""
    usage = line.message.usage if line.message else None
    parts = [part for part in (usage.iterations if usage else None) or () if part.type == ADVISOR]
    for number, part in enumerate(parts):
        if isinstance(part.model, str) and part.model:
            key = _hash(b"%d advice %d" % (message.key, number))
            yield msgspec.structs.replace(message, key=key, model=part.model, usage=_usage(part), fast=False, parts=())


def _key(line: _Line, message: _Message, text: bytes) -> int:
    """A hash of 63 bits that all lines of one message share."""
    name = f"{message.id}\n{line.requestId or ''}" if message.id else line.uuid or ""
    return _hash(name.encode("utf-8", "replace") or text)


@lru_cache(maxsize=16)  # the lines of a message are usually consecutive
def _hash(name: bytes) -> int:
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 1


def _usage(part: _Part, tools: _ServerTools | None = None) -> Usage:
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


def _parts(iterations: Sequence[_Part], whole: Usage) -> tuple[Usage, ...]:
    """The usages of a message's requests; empty if it is a single request or they do not add up to `whole`."""
    parts = [_usage(part) for part in iterations if part.type == "message"]
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


def _number(value: object) -> int:
    return value if type(value) is int and 0 < value < MAX_TOKENS else 0  # isinstance would accept booleans
