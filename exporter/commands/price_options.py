"""The options of prices."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from exporter.commands.value_types import NamedPath
from exporter.prices.managed_settings import DEFAULT_FILE
from exporter.prices.table import load_prices

prices_option = click.option(
    "--prices",
    "prices_file",
    type=NamedPath(path_type=Path),
    envvar="HOOKMETER_PRICES",
    show_envvar=True,
    help="A JSON file with your own prices, for models without a price or with a negotiated one.",
)
managed_settings_option = click.option(
    "--managed-settings",
    type=NamedPath(path_type=Path),
    envvar="HOOKMETER_MANAGED_SETTINGS",
    default=DEFAULT_FILE,
    show_default=True,
    show_envvar=True,
    help="Claude Code's managed settings, which may have your organization's prices.",
)


def price_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of prices to a command, which gets the PriceTable. Raises PriceFileError."""

    @wraps(command)
    def with_prices(prices_file: Path | None, managed_settings: Path, **others: Any) -> None:
        command(prices=load_prices(prices_file, managed_settings), **others)

    return prices_option(managed_settings_option(with_prices))
