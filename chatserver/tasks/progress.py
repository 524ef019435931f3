"""How far a task has come, by the list of things to do that the agent keeps itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DONE = "completed"
DROPPED = "deleted"


class TodoList:
    """The list, whichever tools keep it: TodoWrite writes it anew, TaskCreate and TaskUpdate change one item."""

    def __init__(self) -> None:
        self._statuses: dict[str, str] = {}
        self._created = 0

    @property
    def share(self) -> float | None:
        """How much of it is done, of 1; None where there is no list."""
        items = [status for status in self._statuses.values() if status != DROPPED]
        return items.count(DONE) / len(items) if items else None

    def used(self, tool: str, given: Mapping[str, Any], *, of_main: bool) -> None:
        """Note a call of a tool; what sub-agents list for themselves is no part of it."""
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
