"""The two layouts that make up nearly every log, decoded a whole file at a time for the fast path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from exporter.sources.hook_formats import AnyResponse

Name = Annotated[str, msgspec.Meta(min_length=1)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, lt=10**12)]


class PayloadLine(msgspec.Struct, gc=False):
    """Claude Code's payload with the recorder's stamp. A field of type None would change the meaning of the line."""

    time: str = msgspec.field(name="logged_at")
    session: Name = msgspec.field(name="session_id")
    event: str = msgspec.field(name="hook_event_name")
    tool: Name = msgspec.field(name="tool_name")
    call_id: Name = msgspec.field(name="tool_use_id")
    agent_id: str = ""
    agent: str = msgspec.field(name="agent_type", default="")
    duration_ms: Milliseconds | None = None
    error: str | None = None
    is_interrupt: bool | None = None
    tool_response: AnyResponse = None
    project_dir: str = ""
    cwd: str = ""
    transcript_path: str = ""
    agentId: None = None
    agentType: None = None
    other_agent: None = msgspec.field(name="agent", default=None)
    durationMs: None = None
    duration: None = None
    has_error: None = None
    is_error: None = None
    success: None = None
    status: None = None
    toolResult: None = None
    response: None = None
    result: None = None


class PayloadStart(PayloadLine, gc=False):
    """The payload before a call."""

    event: Literal["PreToolUse"] = msgspec.field(name="hook_event_name")


class PayloadEnd(PayloadLine, gc=False):
    """The payload after a call."""

    event: Literal["PostToolUse", "PostToolUseFailure"] = msgspec.field(name="hook_event_name")


class OldStart(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The pre line of older recorders, with every field that they wrote."""

    time: str = msgspec.field(name="timestamp")
    tool: Name = msgspec.field(name="tool")
    call_id: Name = msgspec.field(name="tool_use_id")
    session: str = msgspec.field(name="session_uuid", default="")
    status: Literal["starting"] | None = None
    task_id: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    agent_id: ClassVar[None] = None


class OldEnd(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The post line of older recorders, with every field that they wrote."""

    time: str = msgspec.field(name="timestamp")
    tool: Name = msgspec.field(name="tool")
    call_id: Name = msgspec.field(name="tool_use_id")
    session: str = msgspec.field(name="session_uuid", default="")
    agent: str = ""
    has_error: bool | None = None
    error: str | None = None
    duration_ms: Milliseconds | None = None
    output_length: int | None = None
    output_preview: msgspec.Raw = msgspec.Raw()
    usage: msgspec.Raw = msgspec.Raw()
    agent_id: ClassVar[None] = None
    event: ClassVar[None] = None
    is_interrupt: ClassVar[None] = None
    tool_response: ClassVar[None] = None


FastStart = PayloadLine | OldStart
FastEnd = PayloadLine | OldEnd
START_DECODERS = (msgspec.json.Decoder(PayloadStart), msgspec.json.Decoder(OldStart))
END_DECODERS = (msgspec.json.Decoder(PayloadEnd), msgspec.json.Decoder(OldEnd))


def decode_fast(data: bytes, decoders: Sequence[msgspec.json.Decoder[Any]]) -> list[Any] | None:
    """The lines, all of one known layout; None where they are not."""
    for decoder in decoders:
        try:
            lines: list[Any] = decoder.decode_lines(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        return lines if _is_one_a_line(data, len(lines)) else None
    return None


def _is_one_a_line(data: bytes, objects: int) -> bool:
    """Whether each object is one line; the decoder would take two from one line, and one from two."""
    find, at = data.find, -1
    for _ in range(objects - 1):
        at = find(b"\n", at + 1)
        if data[at - 1 : at + 2] != b"}\n{":
            return False
    return data.startswith(b"{") and find(b"\n", at + 1) in {-1, len(data) - 1}
