"""Why a task cannot be made, found or moved: the message of each is the sentence that a person reads."""

from __future__ import annotations

from chatserver.tasks.records import Task, TaskStatus


class TaskError(Exception):
    """Something that was asked for of a task cannot be done."""


class UnknownTaskError(TaskError):
    """There is no such task, or none that the viewer may see."""

    def __init__(self, prefix: str) -> None:
        super().__init__(f"There is no task {prefix[:80]!r}; /tasks:list shows those that there are.")


class AmbiguousTaskError(TaskError):
    """Several tasks' ids begin so."""

    def __init__(self, prefix: str) -> None:
        super().__init__(f"Several tasks begin with {prefix!r}; write more of the id.")


class WrongStatusError(TaskError):
    """The task is not where it could become what was wanted."""

    def __init__(self, task: Task, wanted: str) -> None:
        is_ending = task.server is not None and task.status is not TaskStatus.RUNNING
        state = f"{task.status}, and its processes are still being ended" if is_ending else task.status
        super().__init__(f"Task {task.task_id} is {state}; it cannot be {wanted}.")
        self.task = task
        self.wanted = wanted


class WorkspaceRefusedError(TaskError):
    """The workspace is none that tasks may work in."""


class BudgetSpentError(TaskError):
    """The day's budget is spent."""


class InvalidTaskError(TaskError):
    """What was asked for is no task, or no page of tasks."""


class ClaudeError(TaskError):
    """Claude Code cannot be started."""
