"""Pages of a session's calls."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.model.records import LoggedCall
from exporter.views.pages import Page, page_of
from exporter.views.sessions import ToolUse, tool_use


def calls_page(calls: Sequence[LoggedCall], project: str, cursor: int, limit: int) -> Page[ToolUse]:
    """The page of the calls in the project with this path that begins at the cursor."""
    return page_of(calls, lambda logged: tool_use(logged, project), cursor, limit)
