"""The frozen records that all packages share. Times are microseconds since the epoch, durations are microseconds."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple

import msgspec

MAIN_AGENT = "main"
PROCESS_END = "ProcessEnd"  # no hook, but what the last line of a process in its transcript reports
UNNAMED_AGENT = "unnamed"  # a sub-agent whose type is unknown
NOT_ITEMIZED = "not_itemized"  # the label of spending that is in no message
FAST = "fast"  # the speed of messages that cost more
US = "us"  # the region of messages that cost more


class TextEnum(StrEnum):
    """Texts of a closed set; they are hashed like other texts, as `Enum` would hash them in Python."""

    __hash__ = str.__hash__  # takes a seventh off counting an event


class Phase(IntEnum):
    """What a log line reports, in the order in which lines with the same time are applied.

    OPENING is the start of a session or turn, START and END are those of a tool call, EVENT is everything else.
    """

    __hash__ = int.__hash__  # likewise

    OPENING = 0
    START = 1
    END = 2
    EVENT = 3


CALL_PHASES = frozenset({Phase.START, Phase.END})


class Outcome(TextEnum):
    """How a tool call ended; every ended call has exactly one outcome."""

    SUCCESS = "success"
    ERROR = "error"
    DENIED = "denied"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


class Witness(TextEnum):
    """What reports how a call ended; of some calls, nothing does, but other events imply it."""

    HOOK = "hook"
    TRANSCRIPT = "transcript"
    INFERRED = "inferred"


class ErrorCategory(TextEnum):
    """Why a tool call failed: a closed set, which keeps the cardinality of the label bounded."""

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


class LineResult(TextEnum):
    """How a line was processed: the label `result` of hookmeter_lines_total."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed"
    IGNORED = "ignored"


class SessionStatus(TextEnum):
    """The status of a session of the last 24 hours; `sessions.status` has the rules."""

    ACTIVE = "active"
    IDLE = "idle"
    COMPLETED = "completed"


class PromptSource(TextEnum):
    """Who submitted a prompt; all but PERSON are values of the label `source` of claude_automatic_prompts_total."""

    PERSON = "person"
    TASK_NOTIFICATION = "task_notification"
    SCHEDULE = "schedule"
    PEER = "peer"  # another agent or session, or a channel
    OTHER = "other"


class Prompt(msgspec.Struct, frozen=True, gc=False):
    """A prompt, a digest of its text, and the first line of the text, bounded and not redacted."""

    source: PromptSource
    digest: str = ""
    line: str = ""


class TaskEnd(msgspec.Struct, frozen=True, gc=False):
    """The end of a background command or of a sub-agent, by its id."""

    task_id: str
    outcome: Outcome
    error: str = ""


class BatchedCall(msgspec.Struct, frozen=True, gc=False):
    """A call listed by PostToolBatch, the only event that reports calls which were denied or failed validation."""

    tool: str
    call_id: str
    response: str


class Project(NamedTuple):
    """The path of a project; certain if Claude Code names it, uncertain if it is just a working directory."""

    path: str
    is_certain: bool


NO_PROJECT = Project("", is_certain=False)


class CodeChange(msgspec.Struct, frozen=True, gc=False):
    """What a successful call has changed: lines of a file in a language, commits, and pull requests."""

    language: str = ""
    lines_added: int = 0
    lines_removed: int = 0
    commits: int = 0
    pull_requests: int = 0


class HookRecord(msgspec.Struct, frozen=True, gc=False):
    """One log line in a common form for all formats; fields that the line lacks are empty or None.

    `turn` is the id of the prompt that began the turn of the line, `schedule` has digests of the prompts that Claude
    Code will submit by itself. `background_agent` and `background_command` are the ids of work that continues when the
    call has returned.
    """

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
    project: Project = NO_PROJECT
    transcript: str = ""
    detail: str = ""
    input: bytes = b""
    batch: tuple[BatchedCall, ...] = ()
    turn: str = ""
    prompt: Prompt | None = None
    schedule: tuple[str, ...] = ()
    background_agent: str = ""
    background_command: str = ""
    task_ends: tuple[TaskEnd, ...] = ()
    change: CodeChange | None = None


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """A tool call that has ended."""

    tool: str
    agent: str
    outcome: Outcome
    started_us: int | None
    ended_us: int | None
    duration_us: int | None
    error: str = ""
    input: bytes = b""
    agent_id: str = ""
    witness: Witness = Witness.HOOK
    started_agent: str = ""  # the id of the sub-agent that it launched or resumed
    asked_us: int | None = None  # when permission for it was requested
    change: CodeChange | None = None


class AgentRun(msgspec.Struct, frozen=True, gc=False):
    """A run of a sub-agent that has ended; one that is resumed has several."""

    agent: str
    outcome: Outcome
    started_us: int | None
    ended_us: int | None
    duration_us: int | None
    agent_id: str = ""


class LoggedRun(NamedTuple):
    """A run of a sub-agent, with whether it is still running."""

    run: AgentRun
    running: bool


class LoggedCall(NamedTuple):
    """A call of a session, with whether it is still running, and the run of a sub-agent that it started."""

    call: ToolCall
    running: bool
    started: LoggedRun | None = None

    @property
    def time_us(self) -> int | None:
        """The start of the call; its end if the start is unknown."""
        return self.call.ended_us if self.call.started_us is None else self.call.started_us


class Usage(msgspec.Struct, frozen=True, gc=False):
    """The usage of an API request: tokens by kind, and web searches."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    web_searches: int = 0

    @property
    def prompt(self) -> int:
        """The size of the prompt in tokens, including cached ones."""
        return self.input + self.cached

    @property
    def cached(self) -> int:
        """The tokens that were read from the cache or written to it."""
        return self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.prompt + self.output


class ApiMessage(msgspec.Struct, frozen=True, gc=False):
    """One API message as reported by one line of a transcript.

    `key` is the same on every line of the message, in all files. `parts` are the usages of the requests that the
    message took, which add up to `usage`; it is empty for a single request. `session` is a fork if the line was
    `copied` there without the name of the session that it is of; `born_us` is the time of its first line. `branch`,
    `skill`, `mcp_server`, `speed` and `region` are as in the line, empty if it names none.
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
    copied: bool = False
    born_us: int = 0
    branch: str = ""
    skill: str = ""
    mcp_server: str = ""
    speed: str = ""
    region: str = ""
