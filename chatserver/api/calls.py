"""Tool calls by the page, which is bounded by their number and by what they weigh."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from chatserver.api.operations import Request
from exporter.views.sessions import SessionSummary, ToolUse


class CallsQuery(Request, frozen=True):
    """How many calls, and from which on."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 200
    cursor: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class TaskCalls(msgspec.Struct, frozen=True):
    """The tool calls of a task in the order in which they started; `next_cursor` asks for those that follow."""

    task_id: str
    session_uuid: str | None
    tool_usage: list[ToolUse]
    next_cursor: int | None


class SessionCalls(msgspec.Struct, frozen=True):
    """A session and its tool calls, parameters redacted; `next_cursor` asks for those that follow."""

    summary: SessionSummary
    tools: list[ToolUse]
    next_cursor: int | None
