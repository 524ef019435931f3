"""The progress of a task, by the to-do list that its agent keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DONE = "completed"
DROPPED = "deleted"


class TodoList:
    """The items of the list: TodoWrite replaces them all, TaskCreate and TaskUpdate change one."""

    def __init__(self) -> None:
        self._statuses: dict[str, str] = {}
        self._created = 0

    @property
    def share(self) -> float | None:
        """The share of items that are done, from 0 to 1; None where there are none."""
        items = [status for status in self._statuses.values() if status != DROPPED]
        return items.count(DONE) / len(items) if items else None

    def record_tool_call(self, tool: str, given: Mapping[str, Any], *, of_main: bool) -> None:
        """Apply a call of one of these tools; the lists of sub-agents are ignored."""
        if not of_main:
            return
        if tool == "TodoWrite" and isinstance(given.get("todos"), list):
            items = (item for item in given["todos"] if isinstance(item, dict))
            self._statuses = {str(number): str(item.get("status")) for number, item in enumerate(items)}
        elif tool == "TaskCreate":
            self._created += 1  # Claude Code numbers them so
            self._statuses[str(self._created)] = "pending"
        elif tool == "TaskUpdate" and given.get("status"):
            self._statuses[str(given.get("taskId"))] = str(given["status"])
