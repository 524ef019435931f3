"""A task, what is asked for when one is made, and how its status may move."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exporter.model.money import dollars


class TaskStatus(StrEnum):
    """Where a task is on its way."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.STOPPED)
OPEN = (TaskStatus.PENDING, TaskStatus.RUNNING)
# Where a status may go. Whoever moves it checks where it was, in the same transaction.
TRANSITIONS: dict[TaskStatus, tuple[TaskStatus, ...]] = {
    TaskStatus.PENDING: (TaskStatus.RUNNING, TaskStatus.STOPPED, TaskStatus.FAILED),
    TaskStatus.RUNNING: ENDED,
    TaskStatus.COMPLETED: (TaskStatus.PENDING,),
    TaskStatus.FAILED: (TaskStatus.PENDING,),
    TaskStatus.STOPPED: (TaskStatus.PENDING,),
}


@dataclass(frozen=True, slots=True)
class NewTask:
    """What a person asks for; what is None or empty takes the server's default."""

    user_id: str
    description: str
    model: str = ""
    workspace: str = ""
    agent_type: str = ""
    workflow: str = ""
    chat_id: str | None = None
    max_budget_picodollars: int | None = None
    max_turns: int | None = None
    timeout_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the database has it. Times are microseconds since the epoch, in UTC; costs are picodollars.

    `attempts` counts its runs, and tells one from the next: what ends an older run changes nothing. `session_uuid` is
    Claude Code's session, a new one for each run but where a chat is continued (`resumes`). `server` is the one that
    runs it, `pid` and `process_started` (seconds since the epoch) its process there. Cost, tokens and turns are those
    of all its runs; `progress` is a share of 1, unknown where nothing tells it. While `server` is set, processes of the
    task may live. `changed_us` grows with every change.
    """

    task_id: str
    user_id: str
    description: str
    status: TaskStatus
    created_us: int
    queued_us: int
    started_us: int | None
    finished_us: int | None
    model: str
    workspace: str
    agent_type: str
    workflow: str
    chat_id: str | None
    session_uuid: str | None
    resumes: bool
    server: str | None
    pid: int | None
    process_started: float | None
    result: str | None
    error: str | None
    error_category: str | None
    progress: float | None
    cost_picodollars: int
    tokens: int
    turns: int
    attempts: int
    max_budget_picodollars: int | None
    max_turns: int | None
    timeout_seconds: int | None
    changed_us: int = 0

    @property
    def cost_usd(self) -> float:
        """What it cost, in US dollars."""
        return dollars(self.cost_picodollars)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks are meant; what is empty or None means all."""

    statuses: tuple[TaskStatus, ...] = ()
    agent_type: str | None = None
    workflow: str | None = None
    since_us: int | None = None
    user_id: str | None = None
    chat_id: str | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Some tasks, the newest first, and where the next page begins."""

    tasks: tuple[Task, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """What a running task has just written, and the tool that it runs now, if any."""

    task_id: str
    chat_id: str | None
    text: str
    tool: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run came to: picodollars, tokens of every kind, turns of the main conversation."""

    cost_picodollars: int = 0
    tokens: int = 0
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    status: TaskStatus
    spent: Spent = Spent()
    result: str | None = None
    error: str | None = None
    error_category: str | None = None


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """One time that a task ended; kept when the task itself is deleted. `started_us` is None where it never ran."""

    task_id: str
    user_id: str
    agent_type: str
    workflow: str
    status: TaskStatus
    queued_us: int
    started_us: int | None
    finished_us: int
    cost_picodollars: int
    tokens: int
