"""Tasks as JSON: times in ISO 8601, costs in US dollars."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from chatserver.tasks.records import Task, TaskStatus
from exporter.model.clock import from_us
from exporter.model.money import dollars
from exporter.model.text import shortened

LIST_TEXT = 1000  # lists shorten longer texts to this


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task; in lists, texts are shortened to 1,000 characters, with an ellipsis.

    While it runs, `cost_usd` is what it has cost so far, without `unpriced_tokens` of models without a known price. Of
    a cost that is unknown, `known_cost_usd` is what is known: it cost at least that.
    Calls and changed files are those of the latest run. `version` grows with every change.
    """

    task_id: str
    user_id: str
    description: str
    status: TaskStatus
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    model: str
    workspace: str
    permission_mode: str
    agent: str
    agent_type: str
    workflow: str
    chat_id: str | None
    session_uuid: str | None
    resumes: bool
    server: str | None
    pid: int | None
    result: str | None
    error: str | None
    error_category: str | None
    progress: float | None
    cost_usd: float | None
    known_cost_usd: float
    unpriced_tokens: int
    tokens: int
    turns: int
    calls: int
    failed_calls: int
    denied_calls: int
    interrupted_calls: int
    changed_files: int
    attempts: int
    max_budget_usd: float | None
    max_turns: int | None
    timeout_seconds: int | None
    version: int


SAME = frozenset(TaskView.__struct_fields__) & frozenset(Task.__dataclass_fields__)
TEXTS = ("description", "result", "error")


def task_view(task: Task) -> TaskView:
    """The view of a task."""
    budget = task.max_budget_picodollars
    return TaskView(
        **{name: getattr(task, name) for name in SAME},
        created_at=from_us(task.created_us),
        queued_at=from_us(task.queued_us),
        started_at=_moment(task.started_us),
        finished_at=_moment(task.finished_us),
        cost_usd=task.cost_usd,
        known_cost_usd=task.known_cost_usd,
        unpriced_tokens=task.unpriced_tokens,
        version=task.changed_us,
        max_budget_usd=None if budget is None else dollars(budget),
    )


def listed(task: Task) -> TaskView:
    """The view of a task in a list."""
    view = task_view(task)
    return msgspec.structs.replace(
        view, **{name: shortened(text, LIST_TEXT) for name in TEXTS if (text := getattr(view, name))}
    )


def task_json(task: Task) -> dict[str, Any]:
    """The view of a task as plain JSON values."""
    plain: dict[str, Any] = msgspec.to_builtins(task_view(task))
    return plain


def _moment(at_us: int | None) -> datetime | None:
    return None if at_us is None else from_us(at_us)
