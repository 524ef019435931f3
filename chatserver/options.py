"""The server's options, each with an environment variable, and the settings made from them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chatserver.accounts.secret_key import OPTION, given_key
from chatserver.environment import process_environment
from chatserver.settings import (
    DEFAULT_LISTEN,
    DEFAULT_ORIGINS,
    DEFAULT_SLOTS,
    DEFAULT_TASK_TIMEOUT_SECONDS,
    PERMISSIVENESS,
    ServerSettings,
    TaskSettings,
)
from chatserver.storage.location import database_url
from chatserver.task_user import TaskUser, task_user
from exporter.commands.address_types import HostName, Listen
from exporter.commands.config_location import config_file
from exporter.commands.options import settings_options
from exporter.commands.value_types import Directory, Dollars, NamedPath, Number
from exporter.settings import Settings
from exporter.sources.files import absolute
from exporter.web.hosts import is_loopback
from exporter.web.listen_address import ListenAddress

PRODUCTION = "production"
CLAUDE = "claude"
PERMISSION_MODES = tuple(sorted(PERMISSIVENESS))
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Origin(click.ParamType[str]):
    """An origin of web pages, in lower case."""

    name = "origin"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Validate the origin."""
        if not ORIGIN.fullmatch(value):
            self.fail(f"invalid origin {value!r}; use one such as https://agents.example.org.", param, ctx)
        return str(value).lower()


# An option without a type is a text; one that may be repeated is a tuple.
OPTIONS: dict[str, dict[str, Any]] = {
    "--env": {
        "type": click.Choice(["development", PRODUCTION]),
        "default": "development",
        "help": "Production requires a key, and a login also for reading.",
    },
    OPTION: {
        "type": NamedPath(dir_okay=False, path_type=Path),
        "help": "File with the key that signs tokens, at least 32 bytes.  [default: JWT_SECRET_KEY; in development, a"
        " generated one in --data-dir]",
    },
    "--listen": {"type": Listen(), "default": DEFAULT_LISTEN, "help": "Address to listen on."},
    "--database-url": {"help": "Database: postgresql://… or sqlite:///FILE.  [default: a file in --data-dir]"},
    "--origin": {
        "multiple": True,
        "type": Origin(),
        "default": DEFAULT_ORIGINS,
        "help": "Origin whose web pages may use the server; may be repeated.",
    },
    "--host": {
        "multiple": True,
        "type": HostName(),
        "help": "Host name by which the server is reached, other than the loopback; may be repeated.",
    },
    "--proxies": {
        "type": Number(min=0, max=10),
        "default": 0,
        "help": "Number of reverse proxies whose X-Forwarded headers are trusted.",
    },
    "--claude": {"default": CLAUDE, "help": "Claude Code's executable."},
    "--workspace": {
        "multiple": True,
        "type": Directory(),
        "help": "Directory in and below which tasks may work; may be repeated.  [default: the current one]",
    },
    "--task-user": {"help": "User, by name or uid, that tasks run as.  [default: the server's]"},
    "--slots": {
        "type": Number(min=1, max=100),
        "default": DEFAULT_SLOTS,
        "help": "Number of tasks that may run in parallel.",
    },
    "--task-model": {"default": "", "help": "Model of tasks that name none.  [default: Claude Code's]"},
    "--permission-mode": {
        "type": click.Choice(PERMISSION_MODES),
        "help": "Permission mode of tasks.  [default: Claude Code's]",
    },
    "--allow-model": {
        "multiple": True,
        "help": "Model that users may choose for a task, by its name; may be repeated.  [default: any]",
    },
    "--allow-permission-mode": {
        "multiple": True,
        "type": click.Choice(PERMISSION_MODES),
        "help": "Permission mode that users may choose for a task; may be repeated.  [default: those that let it do no"
        " more than --permission-mode]",
    },
    "--task-timeout": {
        "type": Number(min=1),
        "default": DEFAULT_TASK_TIMEOUT_SECONDS,
        "help": "Seconds after which a task is terminated.",
    },
    "--max-budget-usd": {"type": Dollars(), "help": "Maximum cost of a task."},
    "--max-turns": {"type": Number(min=1), "help": "Maximum number of turns of a task."},
}


def server_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the server and the exporter; the command gets one ServerSettings."""

    @settings_options
    @wraps(command)
    def with_settings(settings: Settings, **given: Any) -> None:
        own = {_field(name): given.pop(_parameter(name)) for name in OPTIONS}
        command(make_settings(settings, **own), **given)

    decorated: Callable[..., None] = with_settings
    for name, option in reversed(OPTIONS.items()):
        shown = {
            "envvar": variable(name),
            "show_envvar": True,
            "show_default": option.get("default", "") != "",
            **option,
        }
        decorated = click.option(name, _parameter(name), **shown)(decorated)
    return decorated


def settings_from_environment(listen: ListenAddress | None = None) -> ServerSettings:
    """The settings from environment variables alone. Raises click.ClickException."""
    return settings_from_arguments(["--listen", str(listen)] if listen else [])


def settings_from_arguments(arguments: Sequence[str]) -> ServerSettings:
    """The settings from command-line arguments and environment variables. Raises click.ClickException."""
    read: list[ServerSettings] = []
    command = click.command(server_options(read.append))
    defaults = config_file().values(command, ("server",))
    command.main(arguments, "hookmeter", standalone_mode=False, default_map=defaults)
    return read[0]


def make_settings(exporter: Settings, **given: Any) -> ServerSettings:
    """The settings from option values. Raises click.UsageError where they are unsafe, SecretKeyError."""
    production, listen = given["env"] == PRODUCTION, given["listen"]
    if not production and not is_loopback(listen.host):
        raise click.UsageError(
            f"--listen {listen} can be reached from other machines, and reading needs no login in development; "
            f"listen on 127.0.0.1, or set HOOKMETER_ENV={PRODUCTION}."
        )
    key = given_key(given["secret_key_file"], production=production)  # which it takes out of the environment
    tasks = _task_settings(given)
    return ServerSettings(
        exporter=_with_transcripts_of(tasks.user, exporter),
        listen=listen,
        database_url=database_url(given["database_url"], exporter.data_dir),
        secret_key=key,
        secret_key_file=given["secret_key_file"],
        tasks=tasks,
        production=production,
        registration=not production,
        origins=tuple(given["origin"]),
        hosts=tuple(given["host"]),
        proxies=given["proxies"],
        environment=process_environment(),
    )


def variable(option: str) -> str:
    """The environment variable of an option."""
    return f"HOOKMETER_{_field(option).upper()}"


def _task_settings(given: dict[str, Any]) -> TaskSettings:
    user = task_user(given["task_user"], str(Path.home())) if given["task_user"] else None
    return TaskSettings(
        user=user,
        claude=_program(given["claude"]),
        workspaces=tuple(Path(folder) for folder in absolute(given["workspace"] or (Path(),))),
        slots=given["slots"],
        model=given["task_model"],
        permission_mode=given["permission_mode"] or "",
        timeout_seconds=given["task_timeout"],
        max_budget=given["max_budget_usd"],
        max_turns=given["max_turns"],
        models=tuple(given["allow_model"]),
        permission_modes=tuple(given["allow_permission_mode"]),
    )


def _with_transcripts_of(user: TaskUser | None, exporter: Settings) -> Settings:
    """The settings with the directory of transcripts in the user's home, in addition to the others."""
    if user is None:
        return exporter
    roots = absolute((*map(Path, exporter.transcript_roots), Path(user.home, ".claude", "projects")))
    return replace(exporter, transcript_roots=tuple(roots))


def _program(name: str) -> str:
    """The absolute path of a program; its name alone where it is not found (yet)."""
    found = shutil.which(name)
    return str(Path(found).absolute()) if found else name


def _parameter(option: str) -> str:
    return f"server_{_field(option)}"  # the exporter has an option --listen, too


def _field(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")
