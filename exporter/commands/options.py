"""The options of the exporter, each with its environment variable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from exporter.commands.address_types import HostName, Listen
from exporter.commands.log_options import keep_logs_option, prune_logs_option
from exporter.commands.place_options import (
    data_dir_option,
    sessions_dir_option,
    transcript_roots,
    transcripts_dir_option,
)
from exporter.commands.price_options import managed_settings_option, prices_option
from exporter.commands.value_types import Dollars, Keeping, NamedPath, Number, Switch
from exporter.counting.budgets import Budgets
from exporter.settings import DEFAULT_LABEL_VALUES, DEFAULT_LISTEN, Settings

SETTINGS_FIELDS = tuple(field.name for field in fields(Settings))


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
    type=NamedPath(path_type=Path),
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


no_search_option = click.option(
    "--no-search",
    is_flag=True,
    type=Switch(),
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
        if own["prune_logs"] and not own["keep_logs_seconds"]:
            raise click.UsageError("--prune-logs removes nothing without --keep-logs; add it, such as --keep-logs 30d.")
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


demo_option = click.option("--demo", is_flag=True, help="Use synthetic sessions in a temporary directory.")
