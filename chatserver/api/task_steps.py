"""The steps of a task over HTTP."""

from __future__ import annotations

from flask import Blueprint
from msgspec import Struct

from chatserver.api.operations import Operation, endpoint
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.tasks.records import Step

task_steps = Blueprint("task_steps", __name__, url_prefix="/api")


class TaskSteps(Struct, frozen=True):
    """The latest tool calls of a task's latest run, oldest first; `calls` is the number of all of them."""

    task_id: str
    calls: int
    steps: list[Step]


@task_steps.get("/task_steps/<task_id>")
@endpoint(Operation("List the steps of a task", TaskSteps, problems=(404, 409)))
def list_steps(task_id: str) -> TaskSteps:
    """The tool calls that Claude Code reported to the server, redacted, also without hooks and transcripts."""
    task = services().manager.get(task_id, current_viewer())
    return TaskSteps(task.task_id, task.calls, list(services().manager.steps(task)))
