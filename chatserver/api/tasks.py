"""Tasks over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec
from flask import Blueprint
from msgspec import Meta

from chatserver.api.calls import CallsQuery, TaskCalls
from chatserver.api.invalid_requests import NOT_BLANK, WITHOUT_NUL
from chatserver.api.operations import Cursor, Line, Moment, Operation, Request, endpoint
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.tasks.choices import AGENT, MODE, MODEL
from chatserver.tasks.new_tasks import MAX_DESCRIPTION_CHARACTERS, MAX_LABEL_CHARACTERS, MAX_SECONDS, MAX_TURNS
from chatserver.tasks.records import NewTask, TaskFilter, TaskStatus
from chatserver.tasks.views import TaskView, listed, task_view
from chatserver.threads.offload import offload
from exporter.model.clock import now_us
from exporter.model.money import PICODOLLARS
from exporter.model.since import SinceError, parse_since
from exporter.views.calls_page import calls_page

tasks = Blueprint("tasks", __name__, url_prefix="/api")

# Not only whitespace, and no NUL.
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARACTERS, pattern=NOT_BLANK)]
Model = Annotated[str, Meta(pattern=f"^{MODEL.pattern}$")]
Mode = Annotated[
    str, Meta(pattern=f"^{MODE.pattern}$", description="One that /api/task_options lists; empty for the server's.")
]
Agent = Annotated[
    str, Meta(pattern=f"^{AGENT.pattern}$", description="An agent of Claude Code, such as code-reviewer.")
]
Label = Annotated[
    str,
    Meta(
        max_length=MAX_LABEL_CHARACTERS,
        description="Characters that control or hide text become spaces; those around it are removed.",
    ),
]


class TaskQuery(Request, frozen=True):
    """A page of tasks: filters, its size, and where it starts."""

    status: tuple[TaskStatus, ...] = ()
    agent: Line | None = None
    workflow: Line | None = None
    chat: Line | None = None
    since: Moment | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Cursor | None = None


class TaskRequest(Request, frozen=True):
    """A new task; fields that are left out take the server's defaults."""

    description: Description
    model: Model = ""
    workspace: Annotated[str, Meta(max_length=4096, pattern=WITHOUT_NUL)] = ""
    permission_mode: Mode = ""
    agent: Agent = ""
    agent_type: Label = ""
    workflow: Label = ""
    max_budget_usd: Annotated[float, Meta(ge=0.000001, le=1_000_000)] | None = None
    max_turns: Annotated[int, Meta(ge=1, le=MAX_TURNS)] | None = None
    timeout_seconds: Annotated[int, Meta(ge=1, le=MAX_SECONDS)] | None = None


class TaskList(msgspec.Struct, frozen=True):
    """A page of tasks, newest first; `next_cursor` is for the next page."""

    tasks: list[TaskView]
    next_cursor: str | None


@tasks.get("/tasks")
@endpoint(Operation("List tasks, newest first", TaskList, query=TaskQuery))
def list_tasks(query: TaskQuery) -> TaskList:
    """The viewer's tasks, or all tasks for admins."""
    wanted = TaskFilter(
        statuses=query.status,
        agent_type=query.agent,
        workflow=query.workflow,
        since_us=_since(query.since),
        chat_id=query.chat,
    )
    page = services().manager.list(wanted, current_viewer(), limit=query.limit, cursor=query.cursor)
    return TaskList([listed(task) for task in page.tasks], page.next_cursor)


@tasks.post("/tasks")
@endpoint(Operation("Create a task", TaskView, 201, body=TaskRequest, problems=(403, 409, 429)))
def create_task(body: TaskRequest) -> TaskView:
    """A new task, pending until a slot is free."""
    given = {name: getattr(body, name) for name in body.__struct_fields__ if name != "max_budget_usd"}
    budget = None if body.max_budget_usd is None else round(Decimal(str(body.max_budget_usd)) * PICODOLLARS)
    new = NewTask(current_viewer(), **given, max_budget_picodollars=budget)
    return task_view(services().manager.create(new))


@tasks.get("/tasks/<task_id>")
@endpoint(Operation("Get a task", TaskView, problems=(404, 409)))
def show_task(task_id: str) -> TaskView:
    """A task, by its id or a unique prefix of it."""
    return task_view(services().manager.get(task_id, current_viewer()))


@tasks.post("/tasks/stop/<task_id>")
@endpoint(Operation("Stop a pending or running task", TaskView, problems=(404, 409)))
def stop_task(task_id: str) -> TaskView:
    """The stopped task."""
    return task_view(services().manager.stop(task_id, current_viewer()))


@tasks.post("/tasks/restart/<task_id>")
@endpoint(Operation("Restart a finished task", TaskView, problems=(404, 409, 429)))
def restart_task(task_id: str) -> TaskView:
    """The task, pending until a slot is free."""
    return task_view(services().manager.restart(task_id, current_viewer()))


@tasks.delete("/tasks/<task_id>")
@endpoint(Operation("Delete a pending or finished task", TaskView, problems=(404, 409)))
def delete_task(task_id: str) -> TaskView:
    """The deleted task."""
    return task_view(services().manager.delete(task_id, current_viewer()))


@tasks.get("/tool_usage/<task_id>")
@endpoint(Operation("List the tool calls of a task", TaskCalls, query=CallsQuery, problems=(404, 409)))
def tool_usage(task_id: str, query: CallsQuery) -> TaskCalls:
    """The task's tool calls in hook logs and the transcript; empty where there are none."""
    task, calls, project = services().aggregator.get_task_calls(task_id, current_viewer())
    page = offload(lambda: calls_page(calls, project, query.cursor, query.limit))
    return TaskCalls(task.task_id, task.session_uuid, page.items, page.next_cursor)


def _since(text: str | None) -> int | None:
    try:
        return None if text is None else parse_since(text, now_us())
    except SinceError as error:
        raise Problem(400, str(error)) from error
