"""Whether Claude Code has something left to do: a turn, work in the background, or a prompt that it has scheduled."""

from __future__ import annotations

from dataclasses import dataclass

from chatserver.tasks.json_values import sequence

RESULT = "result"
BACKGROUND_TASKS = "background_tasks_changed"
# What a turn consists of. Other lines are also printed between turns, and while Claude Code exits.
TURN_TYPES = ("assistant", "user", "stream_event")
TURN_SUBTYPES = ("init", "status", "api_retry")
# The tools that schedule a prompt, for which Claude Code waits after a result without a line that says so.
SCHEDULING_TOOLS = frozenset({"ScheduleWakeup", "CronCreate"})


@dataclass(slots=True)
class RemainingWork:
    """What is left to do after the lines so far."""

    _is_in_turn: bool = True
    _has_background_tasks: bool = False
    _has_scheduled: bool = False

    @property
    def is_left(self) -> bool:
        """Whether something is left to do. A prompt that was scheduled counts until the end of the run."""
        return self._is_in_turn or self._has_background_tasks or self._has_scheduled

    def note_line(self, kind: object, subtype: object, tasks: object) -> None:
        """Note a line, by its type and subtype; `tasks` are those in the background, if it lists them."""
        if kind == RESULT:
            self._is_in_turn = False
        elif subtype == BACKGROUND_TASKS:
            self._has_background_tasks = bool(sequence(tasks))
        elif kind in TURN_TYPES or subtype in TURN_SUBTYPES:
            self._is_in_turn = True

    def note_tool_call(self, tool: str) -> None:
        """Note the tool of a call."""
        self._has_scheduled |= tool in SCHEDULING_TOOLS
