"""Pagination of a session's calls; only the calls of the requested page are redacted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from exporter.model.records import LoggedCall
from exporter.views.sessions import ToolUse, tool_use

PAGE_BYTES = 2_000_000


class CallsPage(NamedTuple):
    """The calls of a page and the cursor of the next; None on the last page."""

    calls: list[ToolUse]
    next_cursor: int | None


def calls_page(calls: Sequence[LoggedCall], project: str, cursor: int, limit: int) -> CallsPage:
    """The calls in a project from the cursor on: at most `limit`, and at most PAGE_BYTES of JSON, but at least one."""
    shown: list[ToolUse] = []
    size = 0
    for logged in calls[cursor : cursor + limit]:
        use = tool_use(logged, project)
        size += len(msgspec.json.encode(use))
        if shown and size > PAGE_BYTES:
            break
        shown.append(use)
    end = cursor + len(shown)
    return CallsPage(shown, end if end < len(calls) else None)
