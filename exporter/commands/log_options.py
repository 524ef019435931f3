"""The options of what becomes of old hook logs."""

from __future__ import annotations

import click

from exporter.commands.value_types import Age, Switch

keep_logs_option = click.option(
    "--keep-logs",
    "keep_logs_seconds",
    type=Age(),
    envvar="HOOKMETER_KEEP_LOGS",
    default=0,
    show_envvar=True,
    help="How long hook logs stay as they are after the last line of their session, such as 30d; then they are"
    " compressed, once all of it is counted. They are read as before.  [default: forever]",
)
prune_logs_option = click.option(
    "--prune-logs",
    is_flag=True,
    type=Switch(),
    envvar="HOOKMETER_PRUNE_LOGS",
    show_envvar=True,
    help="Remove old hook logs (see --keep-logs) instead of compressing them, once a copy of the ledger has them, too.",
)
