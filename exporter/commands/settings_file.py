"""The options that choose a settings file of Claude Code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from exporter.commands.place_options import claude_config_dirs
from exporter.commands.switches import chosen_switches
from exporter.commands.value_types import Directory, NamedPath
from exporter.hooks.settings_path import settings_path


def settings_file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose a settings file to a command, which gets its path; the default is the user's own."""

    @wraps(command)
    def with_path(user: bool, project: Path | None, settings: Path | None, **others: Any) -> None:
        given = {"user": user, "project": project is not None, "settings": settings is not None}
        chosen = chosen_switches(given) or ["user"]
        path = claude_settings(
            user="user" in chosen,
            project=project if "project" in chosen else None,
            settings=settings if "settings" in chosen else None,
        )
        command(path, **others)

    decorated: Callable[..., None] = with_path
    for option in (
        click.option("--settings", type=NamedPath(path_type=Path), metavar="FILE", help="Path of a settings file."),
        click.option(
            "--project",
            type=Directory(exists=True),
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
