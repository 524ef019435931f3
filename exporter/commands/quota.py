"""`hookmeter quota`: how much of the subscription's windows and of the budgets is used."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from exporter.commands.options import budget_options
from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.commands.price_options import price_options
from exporter.commands.remembering import ledger_if_readable
from exporter.counting.budgets import Budgets
from exporter.model.clock import now_us
from exporter.prices.table import PriceTable
from exporter.reports.quota_report import quota_report
from exporter.reports.recent_messages import RECENT_US, by_slot, recent_messages
from exporter.sources.files import absolute
from exporter.sources.quotas import Quotas
from exporter.terminal.messages import say, say_json, warn
from exporter.terminal.quota_table import notes, quota_table
from exporter.terminal.tables import show


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@places_options
@data_dir_option
@price_options
@budget_options
def quota(
    as_json: bool,
    places: Places,
    data_dir: Path,
    prices: PriceTable,
    budgets: Budgets,
) -> None:
    """Show how much of both windows of a subscription is used, when they reset, and budgets with their forecasts.

    Claude Code reports the windows to its status line (hookmeter hooks install --statusline) and to the server's tasks.
    Where nothing reports them, the limit of five hours is estimated from the costs of earlier blocks.
    """
    now = now_us()
    with ledger_if_readable(data_dir) as ledger:
        messages = recent_messages(ledger, places.transcript_roots, prices, now - RECENT_US)
        spent = by_slot(messages.all())
    quotas = Quotas(absolute(places.sessions_dirs))
    quotas.refresh()
    report = quota_report(quotas.current(now), spent, budgets, now)
    if as_json:
        say_json(report)
    else:
        show(quota_table(report, datetime.now(UTC)))
        for note in notes(report):
            say(note)
    for path, reason in messages.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its costs are missing here")
