"""The options of the commands, each with its environment variable, and what a good value is."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal, DecimalException
from functools import wraps
from pathlib import Path
from typing import Any

import click

from exporter.counting.budgets import Budgets
from exporter.hooks.settings_file import settings_path
from exporter.model.money import PICODOLLARS
from exporter.settings import DEFAULT_DATA_DIR, DEFAULT_LABEL_VALUES, DEFAULT_LISTEN, DEFAULT_SESSIONS_DIRS, Settings
from exporter.sources.files import absolute
from exporter.web.listen import ListenAddress, ListenAddressError, parse_listen

MOST_DOLLARS = 1_000_000
SETTINGS_FIELDS = tuple(field.name for field in fields(Settings))


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


class Dollars(click.ParamType[int]):
    """An amount of US dollars such as 12.50, given as picodollars."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or say what is wrong with it."""
        if isinstance(value, int):
            return value
        try:
            picodollars = Decimal(value) * PICODOLLARS
        except DecimalException:
            self.fail(f"{value!r} is no amount; write dollars as in 12.50.", param, ctx)
        if not picodollars.is_finite() or not 1 <= picodollars <= MOST_DOLLARS * PICODOLLARS:
            self.fail(f"{value!r} is no amount that can be spent; write dollars as in 12.50.", param, ctx)
        return round(picodollars)


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


transcripts_dir_option = click.option(
    "--transcripts-dir",
    "transcripts_dirs",
    multiple=True,
    type=Folder(),
    envvar="HOOKMETER_TRANSCRIPTS_DIR",
    show_envvar=True,
    help="A `projects` folder of Claude Code with transcripts; repeat it for more.  [default: those in ~/.claude,"
    " $CLAUDE_CONFIG_DIR and ~/.config/claude]",
)
prices_option = click.option(
    "--prices",
    "prices_file",
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_PRICES",
    show_envvar=True,
    help="Prices of your own, in a JSON file, for models that have none or whose price is another for you.",
)
daily_budget_option = click.option(
    "--daily-budget-usd",
    "daily_budget",
    type=Dollars(),
    envvar="HOOKMETER_DAILY_BUDGET_USD",
    show_envvar=True,
    help="What may be spent in a calendar day, for dashboards and alerts.",
)
monthly_budget_option = click.option(
    "--monthly-budget-usd",
    "monthly_budget",
    type=Dollars(),
    envvar="HOOKMETER_MONTHLY_BUDGET_USD",
    show_envvar=True,
    help="What may be spent in a calendar month, for dashboards and alerts.",
)


def transcript_roots(chosen: tuple[Path, ...]) -> tuple[str, ...]:
    """The folders to look for transcripts in: those that were named, or else where Claude Code keeps them."""
    config_dir = os.environ.get("CLAUDE_CONFIG_DIR")
    homes = (*([Path(config_dir)] if config_dir else []), Path("~/.claude"), Path("~/.config/claude"))
    return tuple(absolute(chosen or tuple(home / "projects" for home in homes)))


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the exporter, given to the command as one Settings."""

    @wraps(command)
    def with_settings(
        transcripts_dirs: tuple[Path, ...], daily_budget: int | None, monthly_budget: int | None, **given: Any
    ) -> None:
        own = {field: given.pop(field) for field in SETTINGS_FIELDS if field in given}
        roots, budgets = transcript_roots(transcripts_dirs), Budgets(daily_budget, monthly_budget)
        command(Settings(**own, transcript_roots=roots, budgets=budgets), **given)

    decorated: Callable[..., None] = with_settings
    for option in (
        label_values_option,
        web_config_option,
        listen_option,
        monthly_budget_option,
        daily_budget_option,
        prices_option,
        data_dir_option,
        transcripts_dir_option,
        sessions_dir_option,
    ):
        decorated = option(decorated)
    return decorated


demo_option = click.option("--demo", is_flag=True, help="Run on a synthetic sample in a temporary directory.")


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
