"""The options that choose a settings file of Claude Code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from exporter.commands.place_options import claude_config_dirs
from exporter.hooks.settings_path import settings_path


def settings_file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose a settings file to a command, which gets its path; the default is the user's own."""

    @wraps(command)
    def with_path(user: bool, project: Path | None, settings: Path | None, **others: Any) -> None:
        named = user or project is not None or settings is not None
        command(claude_settings(user=user or not named, project=project, settings=settings), **others)

    decorated: Callable[..., None] = with_path
    for option in (
        click.option("--settings", type=click.Path(path_type=Path), metavar="FILE", help="Path of a settings file."),
        click.option(
            "--project",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Settings of the project in a directory.",
        ),
        click.option("--user", is_flag=True, help="Your own settings, for all projects (the default)."),
    ):
        decorated = option(decorated)
    return decorated


def claude_settings(*, user: bool, project: Path | None = None, settings: Path | None = None) -> Path:
    """Claude Code's settings file: the user's own, a project's, or one by its path. Raises SettingsError."""
    return settings_path(
        user=user,
        project=project,
        settings=settings,
        home=Path.home(),
        config_dir=next(iter(claude_config_dirs()), None),
    )
