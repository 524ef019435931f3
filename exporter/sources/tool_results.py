"""What tools return, as hooks and transcripts report it."""

from __future__ import annotations

from typing import Any

import msgspec

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class ToolResult(msgspec.Struct, gc=False):
    """The fields that matter of what a tool returned, if that is an object.

    A command that a person stopped has `interrupted`, one that continues in the background `background_task_id`;
    `status` is that of a sub-agent, `task_id` and `shell_id` are of background work that the call stopped. An edit has
    `structured_patch`, a new file `content`, a command with git `git_operation`; what may be long is not decoded.
    """

    interrupted: Any = None
    status: Any = None
    agent_id: Any = msgspec.field(name="agentId", default=None)
    resumed_agent_id: Any = msgspec.field(name="resumedAgentId", default=None)
    background_task_id: Any = msgspec.field(name="backgroundTaskId", default=None)
    task_id: Any = None
    shell_id: Any = None
    structured_patch: msgspec.Raw = msgspec.field(name="structuredPatch", default=msgspec.Raw())
    file_path: Any = msgspec.field(name="filePath", default=None)
    type: Any = None
    content: msgspec.Raw = msgspec.Raw()
    git_operation: msgspec.Raw = msgspec.field(name="gitOperation", default=msgspec.Raw())


AnyResult = ToolResult | list[msgspec.Raw] | str | int | float | bool | None
DECODER: msgspec.json.Decoder[AnyResult] = msgspec.json.Decoder(AnyResult)
IN_OTHERS = {"status", "filePath", "type", "content"}  # are also in results that have none of the other fields
FIELDS = tuple(f'"{name}"'.encode() for name in ToolResult.__struct_encode_fields__ if name not in IN_OTHERS)


def tool_result(raw: msgspec.Raw) -> ToolResult | None:
    """The fields of a result; None if it has none of them."""
    text = bytes(raw)
    if not any(name in text for name in FIELDS):
        return None
    try:
        result = DECODER.decode(text)
    except UNDECODABLE:
        return None
    return result if isinstance(result, ToolResult) else None
