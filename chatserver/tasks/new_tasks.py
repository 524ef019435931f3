"""Validation of new tasks, and the defaults of the settings."""

from __future__ import annotations

from chatserver.settings import TaskSettings
from chatserver.tasks.choices import check_choices
from chatserver.tasks.errors import InvalidTaskError
from chatserver.tasks.records import NewTask, Task, TaskStatus
from chatserver.tasks.workspaces import allowed_workspace
from exporter.model.money import PICODOLLARS
from exporter.model.text import is_storable, printable

MAX_DESCRIPTION_CHARACTERS = 100_000
MAX_LABEL_CHARACTERS = 100
MAX_SECONDS = 7 * 24 * 3600
MAX_TURNS = 1_000_000
MAX_USD = 1_000_000


def validated_task(new: NewTask, settings: TaskSettings, task_id: str) -> Task:
    """A pending task, with the settings' defaults.

    Raises InvalidTaskError, ChoiceRefusedError, WorkspaceRefusedError.
    """
    _check_text(new.description)
    check_choices(new, settings)
    for name in ("agent_type", "workflow"):
        if len(getattr(new, name)) > MAX_LABEL_CHARACTERS:
            raise InvalidTaskError(f"{name} is too long; write up to {MAX_LABEL_CHARACTERS} characters.")
    return Task(
        task_id=task_id,
        user_id=new.author.user_id,
        description=new.description,
        status=TaskStatus.PENDING,
        model=new.model or settings.model,
        workspace=str(allowed_workspace(new.workspace, settings.workspaces)),
        permission_mode=new.permission_mode,
        agent=new.agent,
        agent_type=_label(new.agent_type) or new.agent,
        workflow=_label(new.workflow),
        chat_id=new.chat_id,
        max_budget_picodollars=_bound(
            "max_budget_usd", new.max_budget_picodollars, settings.max_budget, MAX_USD, PICODOLLARS
        ),
        max_turns=_bound("max_turns", new.max_turns, settings.max_turns, MAX_TURNS),
        timeout_seconds=_bound("timeout_seconds", new.timeout_seconds, settings.timeout_seconds, MAX_SECONDS),
    )


def _label(text: str) -> str:
    """The text on one line, without blanks around it: blanks alone would be a label that nobody sees."""
    return printable(text).strip()


def _check_text(text: str) -> None:
    if not text.strip():
        raise InvalidTaskError("The description is empty; write what the agent should do.")
    if len(text) > MAX_DESCRIPTION_CHARACTERS:
        raise InvalidTaskError(
            f"The description has {len(text):,} characters, more than the maximum of"
            f" {MAX_DESCRIPTION_CHARACTERS:,}; put the rest into a file of the workspace."
        )
    if not is_storable(text):
        raise InvalidTaskError("The description contains a NUL or a lone surrogate; remove it.")


def _bound(name: str, requested: int | None, limit: int | None, maximum: int, unit: int = 1) -> int | None:
    """The smaller of what was requested and what the server allows; `unit` is that of the maximum."""
    if requested is not None and not 1 <= requested <= maximum * unit:
        raise InvalidTaskError(f"{name} is out of range; write a number above 0, up to {maximum:,}.")
    return min((value for value in (requested, limit) if value is not None), default=None)
