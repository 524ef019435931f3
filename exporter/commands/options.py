"""The options of the commands, each with its environment variable."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from exporter import paths
from exporter.commands.config_file import ConfigFile, read_config
from exporter.commands.log_options import keep_logs_option, prune_logs_option
from exporter.commands.value_types import Directory, Dollars, HostName, Keeping, Listen, Number
from exporter.counting.budgets import Budgets
from exporter.hooks.settings_path import settings_path
from exporter.model.text import listed
from exporter.prices.managed_settings import DEFAULT_FILE
from exporter.prices.table import load_prices
from exporter.settings import DEFAULT_LABEL_VALUES, DEFAULT_LISTEN, Settings
from exporter.sources.files import absolute

CONFIG_VARIABLE = "HOOKMETER_CONFIG"
SETTINGS_FIELDS = tuple(field.name for field in fields(Settings))


sessions_dir_option = click.option(
    "--sessions-dir",
    "sessions_dirs",
    multiple=True,
    type=Directory(),
    envvar="HOOKMETER_SESSIONS_DIR",
    default=paths.default_sessions_dirs,
    show_envvar=True,
    help="A directory of session directories with hook logs; may be repeated (in the variable: separated as in PATH)."
    "  [default: ~/.local/state/hookmeter/sessions]",
)
data_dir_option = click.option(
    "--data-dir",
    type=Directory(),
    envvar="HOOKMETER_DATA_DIR",
    default=paths.default_data_dir,
    show_envvar=True,
    help="The directory of the ledger: what has been counted, and up to where.  [default: ~/.local/share/hookmeter]",
)
listen_option = click.option(
    "--metrics-listen",
    "listen",
    type=Listen(),
    envvar="HOOKMETER_METRICS_LISTEN",
    default=DEFAULT_LISTEN,
    show_default=True,
    show_envvar=True,
    help="The address to serve /metrics on.",
)
hosts_option = click.option(
    "--metrics-host",
    "hosts",
    multiple=True,
    type=HostName(),
    envvar="HOOKMETER_METRICS_HOST",
    show_envvar=True,
    help="Host name by which /metrics is reached, such as that of a reverse proxy; may be repeated.  [default: on the"
    " loopback localhost, else any]",
)
web_config_option = click.option(
    "--web.config.file",
    "web_config",
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_WEB_CONFIG_FILE",
    show_envvar=True,
    help="A web configuration file (TLS, basic auth), in the format that Prometheus exporters share.",
)
label_values_option = click.option(
    "--label-values",
    type=Number(min=1),
    envvar="HOOKMETER_LABEL_VALUES",
    default=DEFAULT_LABEL_VALUES,
    show_default=True,
    show_envvar=True,
    help="Maximum number of values of a label from the logs; further ones count as `other`.",
)


transcripts_dir_option = click.option(
    "--transcripts-dir",
    "transcripts_dirs",
    multiple=True,
    type=Directory(),
    envvar="HOOKMETER_TRANSCRIPTS_DIR",
    show_envvar=True,
    help="A `projects` directory of Claude Code with transcripts; may be repeated.  [default: those in ~/.claude,"
    " $CLAUDE_CONFIG_DIR and ~/.config/claude]",
)
prices_option = click.option(
    "--prices",
    "prices_file",
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_PRICES",
    show_envvar=True,
    help="A JSON file with your own prices, for models without a price or with a negotiated one.",
)
managed_settings_option = click.option(
    "--managed-settings",
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_MANAGED_SETTINGS",
    default=DEFAULT_FILE,
    show_default=True,
    show_envvar=True,
    help="Claude Code's managed settings, which may have your organization's prices.",
)
no_search_option = click.option(
    "--no-search",
    is_flag=True,
    envvar="HOOKMETER_NO_SEARCH",
    show_envvar=True,
    help="Keep no index of prompts, commands, file paths, errors and answers, so that none can be searched for.",
)
keep_search_option = click.option(
    "--keep-search",
    "keep_search_seconds",
    type=Keeping(),
    envvar="HOOKMETER_KEEP_SEARCH",
    default=0,
    show_envvar=True,
    help="How long what was said in a session can be found if its transcript was deleted: a time such as 90d, or"
    " `forever`.  [default: not at all]",
)
daily_budget_option = click.option(
    "--daily-budget-usd",
    "daily_budget",
    type=Dollars(),
    envvar="HOOKMETER_DAILY_BUDGET_USD",
    show_envvar=True,
    help="Budget per calendar day, for dashboards and alerts.",
)
monthly_budget_option = click.option(
    "--monthly-budget-usd",
    "monthly_budget",
    type=Dollars(),
    envvar="HOOKMETER_MONTHLY_BUDGET_USD",
    show_envvar=True,
    help="Budget per calendar month, for dashboards and alerts.",
)


def transcript_roots(chosen: tuple[Path, ...]) -> tuple[str, ...]:
    """The directories of transcripts: those that were given, or else where Claude Code keeps them."""
    homes = (*_claude_config_dirs(), Path("~/.claude"), Path("~/.config/claude"))
    return tuple(absolute(chosen or tuple(home / "projects" for home in homes)))


class Places(NamedTuple):
    """Where sessions are read from."""

    sessions_dirs: tuple[Path, ...]
    transcript_roots: tuple[str, ...]

    def __str__(self) -> str:
        """The directories in words."""
        return listed((*self.sessions_dirs, *self.transcript_roots))


def places_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --sessions-dir and --transcripts-dir to a command, which gets them as Places."""

    @wraps(command)
    def with_places(sessions_dirs: tuple[Path, ...], transcripts_dirs: tuple[Path, ...], **others: Any) -> None:
        command(places=Places(sessions_dirs, transcript_roots(transcripts_dirs)), **others)

    return sessions_dir_option(transcripts_dir_option(with_places))


def price_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of prices to a command, which gets the PriceTable. Raises PriceFileError."""

    @wraps(command)
    def with_prices(prices_file: Path | None, managed_settings: Path, **others: Any) -> None:
        command(prices=load_prices(prices_file, managed_settings), **others)

    return prices_option(managed_settings_option(with_prices))


def budget_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of budgets to a command, which gets them as Budgets."""

    @wraps(command)
    def with_budgets(daily_budget: int | None, monthly_budget: int | None, **others: Any) -> None:
        command(budgets=Budgets(daily_budget, monthly_budget), **others)

    return daily_budget_option(monthly_budget_option(with_budgets))


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the exporter's options to a command, which gets them as one Settings."""

    @wraps(command)
    def with_settings(
        transcripts_dirs: tuple[Path, ...], daily_budget: int | None, monthly_budget: int | None, **given: Any
    ) -> None:
        own = {field: given.pop(field) for field in SETTINGS_FIELDS if field in given}
        roots, budgets = transcript_roots(transcripts_dirs), Budgets(daily_budget, monthly_budget)
        command(Settings(**own, transcript_roots=roots, budgets=budgets), **given)

    decorated: Callable[..., None] = with_settings
    for option in (
        prune_logs_option,
        keep_logs_option,
        keep_search_option,
        no_search_option,
        label_values_option,
        web_config_option,
        hosts_option,
        listen_option,
        monthly_budget_option,
        daily_budget_option,
        managed_settings_option,
        prices_option,
        data_dir_option,
        transcripts_dir_option,
        sessions_dir_option,
    ):
        decorated = option(decorated)
    return decorated


demo_option = click.option("--demo", is_flag=True, help="Run on a synthetic sample in a temporary directory.")


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
        config_dir=next(iter(_claude_config_dirs()), None),
    )


def config_path() -> Path:
    """The path of the file of settings."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named).expanduser().absolute() if named else paths.config_file()


def config_file() -> ConfigFile:
    """The file of settings, which must exist if the variable names it. Raises ConfigFileError."""
    return read_config(config_path(), must_exist=bool(os.environ.get(CONFIG_VARIABLE)))


def _claude_config_dirs() -> list[Path]:
    """Claude Code's own variable; it may also list several profiles, separated by commas, as ccusage has it."""
    value = os.environ.get("CLAUDE_CONFIG_DIR", "")
    names = [value] if Path(value).is_dir() else value.split(",")
    return [Path(name.strip()) for name in names if name.strip()]
