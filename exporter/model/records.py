"""The frozen records that everything else speaks of. Times are microseconds since the epoch, durations microseconds."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple

import msgspec

MAIN_AGENT = "main"


class Phase(IntEnum):
    """What a log line tells of, in the order in which lines of one moment happened.

    An opening is what a session or a turn begins with; an event is whatever else is no call's start or end.
    """

    OPENING = 0
    START = 1
    END = 2
    EVENT = 3


class Outcome(StrEnum):
    """How a tool call ended; every call has exactly one."""

    SUCCESS = "success"
    ERROR = "error"
    DENIED = "denied"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


class ErrorCategory(StrEnum):
    """Why a tool call failed: a closed set, so that it can be a label."""

    FILE_NOT_FOUND = "file_not_found"
    PERMISSION_DENIED = "permission_denied"
    TIMEOUT = "timeout"
    SYNTAX_ERROR = "syntax_error"
    NETWORK_ERROR = "network_error"
    GIT_ERROR = "git_error"
    VALIDATION_ERROR = "validation_error"
    RESOURCE_ERROR = "resource_error"
    COMMAND_NOT_FOUND = "command_not_found"
    COMMAND_FAILED = "command_failed"
    INTERRUPTED = "interrupted"
    OTHER = "other"


class LineResult(StrEnum):
    """What became of a line: the label `result` of hookmeter_lines_total."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed"
    IGNORED = "ignored"


class SessionStatus(StrEnum):
    """What a session of the last 24 hours is doing."""

    ACTIVE = "active"
    IDLE = "idle"
    COMPLETED = "completed"


class BatchedCall(msgspec.Struct, frozen=True, gc=False):
    """A call as PostToolBatch lists it: the only word of calls that were denied or failed validation."""

    tool: str
    call_id: str
    response: str


class HookRecord(msgspec.Struct, frozen=True, gc=False):
    """One log line, whatever its format; what the line does not say is empty or None."""

    phase: Phase
    event: str
    session: str
    time_us: int | None
    tool: str = ""
    call_id: str = ""
    agent_id: str = ""
    agent: str = MAIN_AGENT
    duration_us: int | None = None
    outcome: Outcome | None = None
    error: str = ""
    project: str = ""
    transcript: str = ""
    detail: str = ""
    input: bytes = b""
    batch: tuple[BatchedCall, ...] = ()


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """A tool call that has ended, with its one outcome."""

    tool: str
    agent: str
    outcome: Outcome
    started_us: int | None
    ended_us: int | None
    duration_us: int | None
    error: str = ""
    input: bytes = b""
    agent_id: str = ""


class LoggedCall(NamedTuple):
    """A call of a session, and whether it still runs."""

    call: ToolCall
    running: bool

    @property
    def time_us(self) -> int | None:
        """When it started, or ended where its start is unknown."""
        return self.call.ended_us if self.call.started_us is None else self.call.started_us


class Usage(msgspec.Struct, frozen=True, gc=False):
    """What a request to the API used: tokens by kind, and web searches."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    web_searches: int = 0

    @property
    def prompt(self) -> int:
        """The size of the prompt in tokens, cached or not."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


class ApiMessage(msgspec.Struct, frozen=True, gc=False):
    """One message of the API, as one line of a transcript tells of it.

    `key` is the same on every line of the message, in whatever file. `parts` are the usages of the several requests
    that a message may have taken; they add up to `usage`, and are empty where it was one.
    """

    key: int
    time_us: int
    model: str
    agent: str
    project: str
    session: str
    usage: Usage
    fast: bool = False
    us_inference: bool = False
    parts: tuple[Usage, ...] = ()
