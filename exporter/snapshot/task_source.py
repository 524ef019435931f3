"""The source of tasks, which belongs to the server, and what is shown of a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypedDict

from exporter.model.records import LoggedCall
from exporter.snapshot.figures import FinishedTask
from exporter.views.sessions import ToolUse


class Task(Protocol):
    """The attributes of a task that are shown. Times are microseconds since the epoch."""

    @property
    def task_id(self) -> str:
        """The unique id."""

    @property
    def user_id(self) -> str:
        """The owner."""

    @property
    def status(self) -> str:
        """`pending`, `running`, `completed`, `failed` or `stopped`."""

    @property
    def description(self) -> str:
        """The prompt."""

    @property
    def agent_type(self) -> str:
        """The agent that it is assigned to; empty for the main agent."""

    @property
    def model(self) -> str:
        """The requested model; empty for the default."""

    @property
    def session_uuid(self) -> str | None:
        """The session that its calls belong to."""

    @property
    def resumes(self) -> bool:
        """Whether it continues the session of an earlier task."""

    @property
    def queued_us(self) -> int:
        """The time at which it was last queued."""

    @property
    def started_us(self) -> int | None:
        """The start of its run."""

    @property
    def finished_us(self) -> int | None:
        """The end of its run."""

    @property
    def progress(self) -> float | None:
        """The progress from 0 to 1."""

    @property
    def cost_picodollars(self) -> int:
        """The cost of its ended runs."""

    @property
    def cost_known(self) -> bool:
        """Whether that is the cost of all its ended runs."""

    @property
    def error(self) -> str | None:
        """The reason of its failure."""


class TaskManager(Protocol):
    """The source of tasks. A viewer may see their own tasks, or all."""

    def counts(self, viewer: Any, /) -> Mapping[Any, int]:
        """The numbers of tasks by status."""

    def finished_since(self, since_us: int, /) -> Iterable[FinishedTask]:
        """The tasks of all users that have ended since a time."""

    def open_tasks(self, viewer: Any, /) -> Iterable[Task]:
        """The pending and running tasks."""

    def recently_ended(self, viewer: Any, /) -> Iterable[Task]:
        """The tasks that ended last, the latest first."""

    def get(self, prefix: str, viewer: Any, /) -> Task:
        """The task whose id starts with the prefix."""


class TaskDetails(TypedDict):
    """A task with its tool calls, redacted. The cost is that of its ended runs; None if that of one is unknown."""

    task_id: str
    status: str
    progress: float | None
    duration_ms: float | None
    session_uuid: str | None
    cost_usd: float | None
    tool_usage: list[ToolUse]


class TaskCalls(NamedTuple):
    """A task, its tool calls, unredacted, and the path of their project."""

    task: Task
    calls: list[LoggedCall]
    project: str


def belongs_to(task: Task, logged: LoggedCall) -> bool:
    """Whether a call of the task's session was made by the task; other tasks may have used the same session."""
    if logged.time_us is None or task.started_us is None:
        return True
    return task.started_us <= logged.time_us and (task.finished_us is None or logged.time_us <= task.finished_us)
