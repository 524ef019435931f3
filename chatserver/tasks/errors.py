"""Errors of tasks; the message of each is the sentence that a person reads."""

from __future__ import annotations

from chatserver.tasks.records import Task, TaskStatus


class TaskError(Exception):
    """An operation on tasks failed."""


class UnknownTaskError(TaskError):
    """No task with this id, or not one of the viewer's."""

    def __init__(self, prefix: str) -> None:
        super().__init__(f"There is no task {prefix[:80]!r}; /tasks:list shows all.")


class AmbiguousTaskError(TaskError):
    """Several ids start with this prefix."""

    def __init__(self, prefix: str) -> None:
        super().__init__(f"Several tasks start with {prefix!r}; write more of the id.")


class WrongStatusError(TaskError):
    """The status of the task does not allow the operation."""

    def __init__(self, task: Task, wanted: str) -> None:
        is_ending = task.server is not None and task.status is not TaskStatus.RUNNING
        state = f"{task.status}, and its processes are still being ended" if is_ending else task.status
        is_open = task.status in (TaskStatus.PENDING, TaskStatus.RUNNING)
        remedy = " before it is stopped" if is_open and wanted in ("restarted", "deleted") else ""
        super().__init__(f"Task {task.task_id} is {state}; it cannot be {wanted}{remedy}.")
        self.task = task
        self.wanted = wanted


class WorkspaceRefusedError(TaskError):
    """Tasks may not work in this workspace."""


class ChoiceRefusedError(TaskError):
    """The operator does not allow a model or a permission mode."""


class BudgetSpentError(TaskError):
    """The daily budget is spent."""


class TooManyTasksError(TaskError):
    """The queue has the maximum number of tasks."""


class LoggedOutError(TaskError):
    """The person was logged out after the request was admitted: removed, or given a new password."""

    def __init__(self) -> None:
        super().__init__("You have been logged out; log in again.")


class OwnerRemovedError(TaskError):
    """The user of the task was removed."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"The user of task {task.task_id} was removed; create a new task instead.")


class DeletedMessageError(TaskError):
    """The message that asks for a task was deleted in the meantime, with its chat."""

    def __init__(self) -> None:
        super().__init__("The conversation was deleted; send the message again in another one.")


class InvalidTaskError(TaskError):
    """A new task, or a cursor of a list, is not valid."""


class ClaudeError(TaskError):
    """Claude Code cannot be started."""
