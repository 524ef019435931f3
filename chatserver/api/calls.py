"""Pages of tool calls."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from chatserver.api.operations import Request
from chatserver.middleware.errors import Problem
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import PricedSession, ToolUse


class CallsQuery(Request, frozen=True):
    """A page of calls: its size, and where it starts."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 200
    cursor: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class TaskCalls(msgspec.Struct, frozen=True):
    """A page of a task's tool calls, in order of their start; `next_cursor` is for the next page."""

    task_id: str
    session_uuid: str | None
    tool_usage: list[ToolUse]
    next_cursor: int | None


class SessionCalls(msgspec.Struct, frozen=True):
    """A session and a page of its tool calls, parameters redacted; `next_cursor` is for the next page.

    `record` is what the ledger remembers of it, also after its files are deleted, when `tools` is empty.
    """

    summary: PricedSession
    tools: list[ToolUse]
    next_cursor: int | None
    record: SessionRecord | None = None


def unknown_session() -> Problem:
    """The problem that a session does not exist, or belongs to somebody else."""
    return Problem(404, "No hook log or transcript names this session, or it is not yours; /api/sessions lists yours.")
