"""What people may choose for a task: model, permission mode and agent."""

from __future__ import annotations

import re

from chatserver.settings import PERMISSIVENESS, TaskSettings
from chatserver.tasks.errors import ChoiceRefusedError, InvalidTaskError
from chatserver.tasks.records import NewTask, Task

MODEL = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._:/@\[\]-]{0,127})?", re.ASCII)
MODE = re.compile(f"(?:{'|'.join(PERMISSIVENESS)})?")
AGENT = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_:.-]{0,99})?", re.ASCII)


def check_choices(chosen: NewTask | Task, settings: TaskSettings) -> None:
    """Raise InvalidTaskError for what Claude Code would not understand, ChoiceRefusedError for what is not allowed."""
    if not MODEL.fullmatch(chosen.model):
        raise InvalidTaskError(f"Invalid model name {chosen.model[:100]!r}; write one such as claude-sonnet-5.")
    if not AGENT.fullmatch(chosen.agent):
        raise InvalidTaskError(f"Invalid agent name {chosen.agent[:100]!r}; write one such as code-reviewer.")
    mode = chosen.permission_mode
    if mode and mode not in PERMISSIVENESS:
        raise InvalidTaskError(f"Invalid permission mode {mode[:100]!r}; use {', '.join(sorted(PERMISSIVENESS))}.")
    if mode and mode not in settings.allowed_modes:
        raise ChoiceRefusedError(_refusal(f"permission mode {mode}", settings.allowed_modes, "--allow-permission-mode"))
    models = settings.allowed_models
    if models and chosen.model and chosen.model not in models:
        raise ChoiceRefusedError(_refusal(f"model {chosen.model}", models, "--allow-model"))


def _refusal(what: str, allowed: tuple[str, ...], option: str) -> str:
    return f"The {what} is not allowed here; use {', '.join(allowed)}, or have the operator set {option}."
