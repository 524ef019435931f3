"""Work that continues after its call has returned: what launches it, and what reports its end."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from exporter.model.records import HookRecord, Outcome, TaskEnd
from exporter.sources.tool_results import UNDECODABLE, ToolResult

LAUNCHED = "async_launched"
AGENT_TOOLS = frozenset({"Agent", "Task"})
LAUNCHING_TOOLS = AGENT_TOOLS | {"SendMessage"}  # which may resume a sub-agent
STOPPING_TOOLS = frozenset({"TaskStop", "KillShell", "KillBash"})
NOTIFICATION, OUTPUT = "<task-notification>", "<result>"
OUTCOMES = {
    "completed": Outcome.SUCCESS,
    "failed": Outcome.ERROR,
    "killed": Outcome.INTERRUPTED,
    "stopped": Outcome.INTERRUPTED,
}
# The results of a sub-agent's calls are in its transcript as texts alone.
LAUNCHED_TEXT = re.compile(r"Command .{0,80}\bbackground.{0,40}\bID: ([\w-]+)")
TAG = re.compile(r"<(task-id|status|summary)>(.*?)</\1>", re.DOTALL)
DESCRIPTION = re.compile(r' ".*" ', re.DOTALL)  # of the work, in its summary; it would be taken for the error
MAX_SUMMARY_CHARACTERS = 1_000


class _StoppedTask(msgspec.Struct, gc=False):
    """The input of a tool that stops background work."""

    task_id: Any = None
    shell_id: Any = None


STOPPED = msgspec.json.Decoder(_StoppedTask)


def launched_command(result: ToolResult) -> str:
    """The id of the task by which a command continues in the background; empty if there is none."""
    return _id(result.background_task_id)


def launched_by_text(text: str) -> str:
    """The same of a result that is only known as text."""
    found = LAUNCHED_TEXT.match(text)
    return found[1] if found else ""


def launched_agent(result: ToolResult) -> str:
    """The id of the sub-agent that a call launched or resumed in the background; empty if there is none."""
    return _id(result.resumed_agent_id) or (_id(result.agent_id) if result.status == LAUNCHED else "")


def started_agent(tool: str, end: HookRecord) -> str:
    """The id of the sub-agent that a call launched, resumed or waited for, by its end; empty if there is none."""
    awaited = end.task_ends[0].task_id if end.task_ends and tool in AGENT_TOOLS else ""
    return end.background_agent or awaited


def ended_by_result(result: ToolResult) -> tuple[TaskEnd, ...]:
    """The background work that a call stopped, or the sub-agent that it waited for."""
    if stopped := _id(result.task_id) or _id(result.shell_id):
        return (TaskEnd(stopped, Outcome.INTERRUPTED),)
    outcome = OUTCOMES.get(result.status) if isinstance(result.status, str) else None
    agent_id = _id(result.agent_id)
    return (TaskEnd(agent_id, outcome),) if agent_id and outcome else ()


def stopped_by_input(tool: str, raw: bytes) -> tuple[TaskEnd, ...]:
    """The background work that a call stops."""
    if tool not in STOPPING_TOOLS or not raw:
        return ()
    try:
        task = STOPPED.decode(raw)
    except UNDECODABLE:
        return ()
    stopped = _id(task.task_id) or _id(task.shell_id)
    return (TaskEnd(stopped, Outcome.INTERRUPTED),) if stopped else ()


def notified(text: str) -> tuple[TaskEnd, ...]:
    """The ends that a prompt of Claude Code itself reports; events of work that continues have no status."""
    if not text.startswith(NOTIFICATION):
        return ()
    parts = text.partition(OUTPUT)[0].split(NOTIFICATION)[1:]
    return tuple(end for part in parts if (end := _notified(part)))


def _notified(part: str) -> TaskEnd | None:
    tags = dict(reversed(TAG.findall(part)))  # the first of each
    outcome, task_id = OUTCOMES.get(tags.get("status", "").strip()), tags.get("task-id", "").strip()
    if outcome is None or not task_id:
        return None
    error = DESCRIPTION.sub(" ", tags.get("summary", ""))[:MAX_SUMMARY_CHARACTERS] if outcome is Outcome.ERROR else ""
    return TaskEnd(task_id, outcome, error)


def _id(value: object) -> str:
    return value if isinstance(value, str) else ""
