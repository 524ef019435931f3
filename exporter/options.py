"""The options of the commands, each with its environment variable, and what a good value is."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from exporter.hooks.settings_file import settings_path
from exporter.settings import DEFAULT_DATA_DIR, DEFAULT_LABEL_VALUES, DEFAULT_LISTEN, DEFAULT_SESSIONS_DIRS, Settings
from exporter.web.listen import ListenAddress, ListenAddressError, parse_listen


class Listen(click.ParamType[ListenAddress]):
    """An address such as 127.0.0.1:19464."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:
        """Read it, or say what is wrong with it."""
        try:
            return value if isinstance(value, ListenAddress) else parse_listen(value)
        except ListenAddressError as error:
            self.fail(str(error), param, ctx)


class Folder(click.Path):
    """A folder, there or yet to be made. An empty text is a slip (a variable that is not set), never this folder."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it, or say what is wrong with it."""
        if value == "":
            self.fail("it is empty; name a folder.", param, ctx)
        try:
            folder = Path(value).expanduser()  # a variable's ~ is nobody else's to expand
            folder.stat()
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            pass  # it may be yet to come; whoever needs it says what is wrong
        except OSError as error:
            self.fail(f"{str(value)!r} leads nowhere ({error.strerror}).", param, ctx)
        except RuntimeError as error:  # there is no such user
            self.fail(f"{str(value)!r} leads nowhere ({error}).", param, ctx)
        return super().convert(folder, param, ctx)


class Number(click.IntRange):
    """A whole number within bounds."""

    name = "number"


sessions_dir_option = click.option(
    "--sessions-dir",
    "sessions_dirs",
    multiple=True,
    type=Folder(),
    envvar="HOOKMETER_SESSIONS_DIR",
    default=DEFAULT_SESSIONS_DIRS,
    show_default=True,
    show_envvar=True,
    help="A folder of session folders with hook logs; repeat it for more (in the variable: separated as in PATH).",
)
data_dir_option = click.option(
    "--data-dir",
    type=Folder(),
    envvar="HOOKMETER_DATA_DIR",
    default=DEFAULT_DATA_DIR,
    show_default=True,
    show_envvar=True,
    help="Where the ledger is kept: what has been counted, and up to where.",
)
listen_option = click.option(
    "--metrics-listen",
    "listen",
    type=Listen(),
    envvar="HOOKMETER_METRICS_LISTEN",
    default=DEFAULT_LISTEN,
    show_default=True,
    show_envvar=True,
    help="The address that /metrics is served on.",
)
web_config_option = click.option(
    "--web.config.file",
    "web_config",
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_WEB_CONFIG_FILE",
    show_envvar=True,
    help="TLS and basic auth, in the format that all Prometheus exporters share.",
)
label_values_option = click.option(
    "--label-values",
    type=Number(min=1),
    envvar="HOOKMETER_LABEL_VALUES",
    default=DEFAULT_LABEL_VALUES,
    show_default=True,
    show_envvar=True,
    help="How many values a label from the logs may take; the rest count as `other`.",
)


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the exporter, given to the command as one Settings."""

    @wraps(command)
    def with_settings(
        sessions_dirs: tuple[Path, ...],
        data_dir: Path,
        listen: ListenAddress,
        web_config: Path | None,
        label_values: int,
        **others: Any,
    ) -> None:
        command(Settings(sessions_dirs, data_dir, listen, web_config, label_values), **others)

    decorated: Callable[..., None] = with_settings
    for option in (label_values_option, web_config_option, listen_option, data_dir_option, sessions_dir_option):
        decorated = option(decorated)
    return decorated


demo_option = click.option("--demo", is_flag=True, help="Run on a made sample in a throw-away folder, to look around.")


def which_settings(command: Callable[..., None]) -> Callable[..., None]:
    """The options that name a settings file; the user's own if there is none."""

    @wraps(command)
    def with_path(user: bool, project: Path | None, settings: Path | None, **others: Any) -> None:
        named = user or project is not None or settings is not None
        command(claude_settings(user=user or not named, project=project, settings=settings), **others)

    decorated: Callable[..., None] = with_path
    for option in (
        click.option("--settings", type=click.Path(path_type=Path), metavar="FILE", help="This settings file."),
        click.option("--project", type=click.Path(path_type=Path), metavar="DIR", help="The settings of a project."),
        click.option("--user", is_flag=True, help="Your own settings, for all projects (the default)."),
    ):
        decorated = option(decorated)
    return decorated


def claude_settings(*, user: bool, project: Path | None = None, settings: Path | None = None) -> Path:
    """The settings file of Claude Code that was asked for."""
    config_dir = os.environ.get("CLAUDE_CONFIG_DIR")
    return settings_path(
        user=user,
        project=project,
        settings=settings,
        home=Path.home(),
        config_dir=Path(config_dir) if config_dir else None,
    )
