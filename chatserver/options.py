"""The server's options, each with its environment variable, and the settings that they make."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chatserver.accounts.secret_key import VARIABLE, given_key
from chatserver.environment import process_environment
from chatserver.settings import (
    DEFAULT_LISTEN,
    DEFAULT_ORIGINS,
    DEFAULT_SLOTS,
    DEFAULT_TASK_TIMEOUT_SECONDS,
    ServerSettings,
    TaskSettings,
)
from chatserver.storage.database import database_url
from chatserver.web.loopback import is_loopback
from exporter.commands.options import settings_options
from exporter.commands.value_types import Directory, Dollars, Listen, Number
from exporter.settings import Settings
from exporter.sources.files import absolute
from exporter.web.listen import ListenAddress

PRODUCTION = "production"
PERMISSION_MODES = ("acceptEdits", "auto", "bypassPermissions", "dontAsk", "manual", "plan")
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


class Matching(click.ParamType[str]):
    """A text of a certain form."""

    def __init__(self, name: str, form: re.Pattern[str], example: str) -> None:
        self.name = name
        self._form = form
        self._example = example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it, or say what is wrong with it."""
        if not self._form.fullmatch(value):
            self.fail(f"{value!r} is no {self.name}; write it as in {self._example}.", param, ctx)
        return str(value).lower()


# Without a type of its own, an option is a text. What may stand several times is a tuple.
OPTIONS: dict[str, dict[str, Any]] = {
    "--env": {
        "type": click.Choice(["development", PRODUCTION]),
        "default": "development",
        "help": "In production the server demands its settings, and nothing can be read without logging in.",
    },
    "--listen": {"type": Listen(), "default": DEFAULT_LISTEN, "help": "The address that the server listens on."},
    "--database-url": {"help": "The database: postgresql://…, or sqlite:///FILE.  [default: a file in --data-dir]"},
    "--origin": {
        "multiple": True,
        "type": Matching("origin", ORIGIN, "https://agents.example.org"),
        "default": DEFAULT_ORIGINS,
        "help": "A web page's origin that may use the server; repeat it for more.",
    },
    "--host": {
        "multiple": True,
        "type": Matching("host", HOST, "agents.example.org"),
        "help": "A name that the server is reached by, beside this machine's loopback; repeat it for more.",
    },
    "--proxies": {
        "type": Number(min=0, max=10),
        "default": 0,
        "help": "How many proxies stand before the server, whose X-Forwarded headers are trusted.",
    },
    "--claude": {"default": "claude", "help": "Claude Code's command."},
    "--workspace": {
        "multiple": True,
        "type": Directory(),
        "help": "A folder that tasks may work in, and below; repeat it for more.  [default: this folder]",
    },
    "--slots": {
        "type": Number(min=1, max=100),
        "default": DEFAULT_SLOTS,
        "help": "How many tasks run at once.",
    },
    "--task-model": {"default": "", "help": "The model of tasks that name none.  [default: Claude Code's]"},
    "--permission-mode": {
        "type": click.Choice(PERMISSION_MODES),
        "help": "What tasks may do without being asked.  [default: Claude Code's]",
    },
    "--task-timeout": {
        "type": Number(min=1),
        "default": DEFAULT_TASK_TIMEOUT_SECONDS,
        "help": "After how many seconds a task is ended.",
    },
    "--max-budget-usd": {"type": Dollars(), "help": "What one task may spend."},
    "--max-turns": {"type": Number(min=1), "help": "How many turns one task may take."},
}


def server_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the server and of the exporter, given to the command as one ServerSettings."""

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
    """The settings as the variables have them. Raises click.ClickException where they make no sense."""
    return settings_from_arguments(["--listen", str(listen)] if listen else [])


def settings_from_arguments(words: Sequence[str]) -> ServerSettings:
    """The settings that the words of a command make, and the variables. Raises click.ClickException."""
    read: list[ServerSettings] = []
    click.command(server_options(read.append)).main(words, "hookmeter", standalone_mode=False)
    return read[0]


def make_settings(exporter: Settings, **given: Any) -> ServerSettings:
    """The settings of what was given. Raises click.UsageError where that would be unsafe."""
    production, listen = given["env"] == PRODUCTION, given["listen"]
    if not production and not is_loopback(listen.host):
        raise click.UsageError(
            f"--listen {listen} can be reached from elsewhere, where nobody but you may read: "
            f"listen on 127.0.0.1, or set HOOKMETER_ENV={PRODUCTION}."
        )
    environment = process_environment()
    return ServerSettings(
        exporter=exporter,
        listen=listen,
        database_url=database_url(given["database_url"], exporter.data_dir),
        secret_key=given_key(environment.get(VARIABLE), production=production),
        tasks=_task_settings(given),
        production=production,
        registration=not production,
        origins=tuple(given["origin"]),
        hosts=tuple(given["host"]),
        proxies=given["proxies"],
        environment=environment,
    )


def variable(option: str) -> str:
    """The environment variable of an option."""
    return f"HOOKMETER_{_field(option).upper()}"


def _task_settings(given: dict[str, Any]) -> TaskSettings:
    return TaskSettings(
        claude=_program(given["claude"]),
        workspaces=tuple(Path(folder) for folder in absolute(given["workspace"] or (Path(),))),
        slots=given["slots"],
        model=given["task_model"],
        permission_mode=given["permission_mode"] or "",
        timeout_seconds=given["task_timeout"],
        max_budget=given["max_budget_usd"],
        max_turns=given["max_turns"],
    )


def _program(name: str) -> str:
    """The program from wherever a task works; its name alone where it is not there (yet)."""
    found = shutil.which(name)
    return str(Path(found).absolute()) if found else name


def _parameter(option: str) -> str:
    return f"server_{_field(option)}"  # the exporter has a `listen`, too


def _field(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")
