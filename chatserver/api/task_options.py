"""What the operator allows for a new task."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint
from msgspec import Struct

from chatserver.api.operations import Operation, endpoint
from chatserver.services import services
from chatserver.tasks.agents import known_agents
from chatserver.threads.offload import offload
from exporter.model.money import dollars

task_options = Blueprint("task_options", __name__, url_prefix="/api")


class TaskOptions(Struct, frozen=True, kw_only=True):
    """What a task may ask for. Empty defaults are those of Claude Code, empty `models` any; `None` is no limit.

    A task works in one of `workspaces` or a directory below. `agents` are those that are defined there, as suggestions.
    """

    models: list[str]
    default_model: str
    permission_modes: list[str]
    default_permission_mode: str
    workspaces: list[str]
    agents: list[str]
    max_budget_usd: float | None
    max_turns: int | None
    timeout_seconds: int


@task_options.get("/task_options")
@endpoint(Operation("List what a new task may ask for", TaskOptions))
def list_options() -> TaskOptions:
    """The models, permission modes, workspaces, agents and limits that the operator allows."""
    settings = services().settings.tasks
    home = Path(settings.user.home) if settings.user else Path.home()
    return TaskOptions(
        models=list(settings.allowed_models),
        default_model=settings.model,
        permission_modes=list(settings.allowed_modes),
        default_permission_mode=settings.permission_mode,
        workspaces=[str(workspace.resolve()) for workspace in settings.workspaces],
        agents=offload(lambda: known_agents((*settings.workspaces, home))),
        max_budget_usd=None if settings.max_budget is None else dollars(settings.max_budget),
        max_turns=settings.max_turns,
        timeout_seconds=settings.timeout_seconds,
    )
