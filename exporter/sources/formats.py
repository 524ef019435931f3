"""The formats of hook logs: every field that is read, with all names under which it occurs in real logs.

`ALIASES` is shared by all readers. The plain path (`hook_records`) reads any mixture of these names; the fast path
reads the two `FORMATS` that make up nearly every log, and rejects lines in which another alias would have a meaning.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar

import msgspec

from exporter.model.bounds import MAX_CALL_US
from exporter.sources.tool_results import AnyResult

# The names of each field, in order of precedence.
ALIASES: dict[str, tuple[str, ...]] = {
    "time": ("logged_at", "timestamp", "ts"),
    "event": ("hook_event_name", "hookEventName"),
    "session": ("session_id", "session_uuid", "sessionId"),
    "tool": ("tool_name", "tool", "toolName"),
    "call_id": ("tool_use_id", "toolUseId"),
    "input": ("tool_input", "toolInput", "parameters", "params"),
    "response": ("tool_response", "toolResult", "response", "result"),
    "preview": ("output_preview",),
    "duration": ("duration_ms", "durationMs", "duration"),
    "error": ("error",),
    "failed": ("has_error", "is_error", "success"),
    "status": ("status",),
    "interrupted": ("is_interrupt",),
    "agent_id": ("agent_id", "agentId"),
    "agent": ("agent_type", "agentType", "agent"),
    "place": ("project_dir", "cwd", "transcript_path"),
    "detail": ("source", "trigger", "reason", "notification_type"),
    "batch": ("tool_calls",),
    "turn": ("prompt_id", "promptId"),
    "prompt": ("prompt",),
    "schedule": ("session_crons",),
    "payload": ("payload",),
}
# The names with which records start.
FIRST_NAMES = tuple(name for field in ("time", "event", "session", "tool", "place") for name in ALIASES[field])


class HookLine(msgspec.Struct, gc=False):
    """Every name in `ALIASES`. All other fields of a line are skipped without being copied."""

    logged_at: Any = None
    timestamp: Any = None
    ts: Any = None
    hook_event_name: Any = None
    hookEventName: Any = None
    session_id: Any = None
    session_uuid: Any = None
    sessionId: Any = None
    tool_name: Any = None
    tool: Any = None
    toolName: Any = None
    tool_use_id: Any = None
    toolUseId: Any = None
    tool_input: msgspec.Raw = msgspec.Raw()
    toolInput: msgspec.Raw = msgspec.Raw()
    parameters: msgspec.Raw = msgspec.Raw()
    params: msgspec.Raw = msgspec.Raw()
    tool_response: msgspec.Raw = msgspec.Raw()
    toolResult: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    output_preview: Any = None
    duration_ms: Any = None
    durationMs: Any = None
    duration: Any = None
    error: Any = None
    has_error: Any = None
    is_error: Any = None
    success: Any = None
    status: Any = None
    is_interrupt: Any = None
    agent_id: Any = None
    agentId: Any = None
    agent_type: Any = None
    agentType: Any = None
    agent: Any = None
    project_dir: Any = None
    cwd: Any = None
    transcript_path: Any = None
    source: Any = None
    trigger: Any = None
    reason: Any = None
    notification_type: Any = None
    tool_calls: msgspec.Raw = msgspec.Raw()
    prompt_id: Any = None
    promptId: Any = None
    prompt: msgspec.Raw = msgspec.Raw()
    session_crons: msgspec.Raw = msgspec.Raw()
    payload: msgspec.Raw = msgspec.Raw()


class BatchLine(msgspec.Struct, gc=False):
    """One call of a PostToolBatch payload."""

    tool_name: Any = None
    tool_use_id: Any = None
    tool_response: Any = None


Line = TypeVar("Line", bound=msgspec.Struct)
Name = Annotated[str, msgspec.Meta(min_length=1)]
MAX_DURATION_MS = MAX_CALL_US // 1000
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=MAX_DURATION_MS)]


class PayloadLine(msgspec.Struct, gc=False, kw_only=True):
    """Claude Code's payload with the recorder's timestamp. Fields in the order of the line are found soonest."""

    time: str = msgspec.field(name="logged_at")
    project_dir: str = ""
    session: Name = msgspec.field(name="session_id")
    transcript_path: str = ""
    cwd: str = ""
    agent_id: str = ""
    agent: str = msgspec.field(name="agent_type", default="")
    event: str = msgspec.field(name="hook_event_name")
    tool: Name = msgspec.field(name="tool_name")
    call_id: Name = msgspec.field(name="tool_use_id")
    tool_response: AnyResult = None
    error: str | None = None
    is_interrupt: bool | None = None
    duration_ms: Milliseconds | None = None


class PayloadEvent(msgspec.Struct, gc=False, kw_only=True):
    """Claude Code's payload of an event that is not a call, with the recorder's timestamp."""

    time: str = msgspec.field(name="logged_at")
    project_dir: str = ""
    session: Name = msgspec.field(name="session_id")
    transcript_path: str = ""
    cwd: str = ""
    turn: str = msgspec.field(name="prompt_id", default="")
    agent_id: str = ""
    agent: str = msgspec.field(name="agent_type", default="")
    event: str = msgspec.field(name="hook_event_name")
    source: str = ""
    trigger: str = ""
    reason: str = ""
    notification_type: str = ""
    prompt: msgspec.Raw = msgspec.Raw()
    session_crons: msgspec.Raw = msgspec.Raw()


class OldLine(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The common fields of the pre and post lines of older recorders."""

    time: str = msgspec.field(name="timestamp")
    tool: Name = msgspec.field(name="tool")
    call_id: Name = msgspec.field(name="tool_use_id")
    session: str = msgspec.field(name="session_uuid", default="")
    agent_id: ClassVar[None] = None


class OldStart(OldLine, gc=False, forbid_unknown_fields=True):
    """The pre line of older recorders, with all of its fields."""

    status: Literal["starting"] | None = None
    task_id: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()


class OldEnd(OldLine, gc=False, forbid_unknown_fields=True):
    """The post line of older recorders, with all of its fields."""

    agent: str = ""
    has_error: bool | None = None
    error: str | None = None
    duration_ms: Milliseconds | None = None
    output_length: int | None = None
    output_preview: msgspec.Raw = msgspec.Raw()
    usage: msgspec.Raw = msgspec.Raw()
    event: ClassVar[None] = None
    is_interrupt: ClassVar[None] = None
    tool_response: ClassVar[None] = None


# Fields that a payload may lack, so that the plain path would read an alias instead. All other fields are required, and
# their names in the payload take precedence.
OPTIONAL = ("response", "duration", "failed", "status", "agent_id", "agent")
OPTIONAL_IN_EVENTS = ("time", "tool", "call_id", "agent_id", "agent", "turn", "payload")


def _only(base: type[Line], name: str, optional: tuple[str, ...], events: Any) -> type[Line]:
    """A line type for these events that rejects every alias which would change its meaning."""
    aliases = dict.fromkeys(alias for meaning in optional for alias in ALIASES[meaning])
    others = [alias for alias in aliases if alias not in base.__struct_encode_fields__]
    absent = [(f"no_{other}", None, msgspec.field(name=other, default=None)) for other in others]
    event = ("event", events, msgspec.field(name="hook_event_name"))
    return msgspec.defstruct(name, [event, *absent], bases=(base,), gc=False, kw_only=True)  # type: ignore[return-value] # of its base


class Format(NamedTuple):
    """A format with uniform lines, of which a whole file can be decoded at once."""

    start: msgspec.json.Decoder[Any]
    end: msgspec.json.Decoder[Any]


PAYLOAD_START = _only(PayloadLine, "PayloadStart", OPTIONAL, Literal["PreToolUse"])
PAYLOAD_END = _only(PayloadLine, "PayloadEnd", OPTIONAL, Literal["PostToolUse", "PostToolUseFailure"])
PAYLOAD_EVENT = _only(PayloadEvent, "PayloadEvent", OPTIONAL_IN_EVENTS, str)
FORMATS = (
    Format(msgspec.json.Decoder(PAYLOAD_START), msgspec.json.Decoder(PAYLOAD_END)),
    Format(msgspec.json.Decoder(OldStart), msgspec.json.Decoder(OldEnd)),
)

TIME, EVENT, SESSION, TOOL, CALL_ID, INPUT, RESPONSE, DURATION, AGENT_ID, AGENT, PLACE, DETAIL, TURN = (
    attrgetter(*ALIASES[name])
    for name in (
        "time", "event", "session", "tool", "call_id", "input", "response", "duration", "agent_id", "agent", "place",
        "detail", "turn",
    )
)  # fmt: skip
