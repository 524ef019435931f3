"""`hookmeter digest`: what agents did and cost in a day or week, for cron, a mail or a chat."""

from __future__ import annotations

from pathlib import Path

import click

from exporter.commands.options import budget_options
from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.commands.price_options import price_options
from exporter.commands.remembering import ledger_if_readable
from exporter.commands.value_types import Time
from exporter.counting.budgets import Budgets
from exporter.hooks_reader import HooksReader
from exporter.ledger.reading import empty_ledger
from exporter.ledger.session_pages import ALL_SESSIONS, SessionFilter
from exporter.model.clock import now_us
from exporter.model.since import SinceError, parse_since
from exporter.prices.table import PriceTable
from exporter.reports.compared_code import compared_code
from exporter.reports.digest import digest as digest_of
from exporter.reports.quota_report import quota_report
from exporter.reports.recent_messages import RECENT_US, by_slot, recent_messages
from exporter.reports.session_records import SessionSource
from exporter.sources.files import absolute
from exporter.sources.quotas import Quotas
from exporter.terminal.digest_text import digest_markdown, digest_text
from exporter.terminal.messages import say_json, say_text, warn

FORMATS = {"text": digest_text, "markdown": digest_markdown}


@click.command()
@click.option("--since", type=Time(), default="24h", show_default=True, help="Start: 24h, 7d or a date.")
@click.option(
    "--format", "form", type=click.Choice([*FORMATS, "json"]), default="text", show_default=True, help="The output."
)
@places_options
@data_dir_option
@price_options
@budget_options
def digest(
    since: str,
    form: str,
    places: Places,
    data_dir: Path,
    prices: PriceTable,
    budgets: Budgets,
) -> None:
    """Summarize sessions, costs against the time before, code, failures, the longest sessions and quotas."""
    now = now_us()
    since_us = parse_since(since, now)
    if since_us >= now:
        raise SinceError(f"--since {since} is not in the past; use 24h, 7d or 2026-11-28.")
    before_us = max(0, 2 * since_us - now)
    reader = HooksReader(places.sessions_dirs[0], places.sessions_dirs[1:], transcript_roots=places.transcript_roots)
    with ledger_if_readable(data_dir) as ledger:
        messages = recent_messages(ledger, places.transcript_roots, prices, min(before_us, now - RECENT_US))
        counted = list(messages.all())
        source = SessionSource(reader, places.transcript_roots, prices, ledger or empty_ledger())
        sessions = source.records(SessionFilter(since_us=before_us), ALL_SESSIONS)
        code = compared_code(ledger, since_us, now) if ledger else None
    quotas = Quotas(absolute(places.sessions_dirs))
    quotas.refresh()
    quota = quota_report(quotas.current(now), by_slot(counted), budgets, now)
    found = digest_of(counted, sessions, quota, code, since_us, now)
    if form == "json":
        say_json(found)
    else:
        say_text(FORMATS[form](found))
    for path, reason in (source.unreadable | messages.unreadable).items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")
