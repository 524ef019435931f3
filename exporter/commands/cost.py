"""`hookmeter cost`: what Claude Code cost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from exporter.commands.options import price_options, transcript_roots, transcripts_dir_option
from exporter.model.clock import now_us
from exporter.model.since import parse_since
from exporter.model.text import listed
from exporter.prices.table import PriceTable
from exporter.reports.costs import GROUPS, CostReport, Messages, transcript_directories
from exporter.reports.costs import report as cost_report
from exporter.terminal.cost_tables import cost_csv, cost_table, notes
from exporter.terminal.messages import progress, say, warn
from exporter.terminal.tables import show


@click.command(short_help="Report costs by model, project, agent, day or session.")
@transcripts_dir_option
@price_options
@click.option("--since", metavar="TIME", help="Start of the time range: 7d, 12h, 30m, or a date such as 2026-11-28.")
@click.option("--by", type=click.Choice(list(GROUPS)), default="model", show_default=True, help="What to group by.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
def cost(
    transcripts_dirs: tuple[Path, ...],
    prices: PriceTable,
    since: str | None,
    by: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Report what the usage in Claude Code's transcripts costs; each API message counts once.

    Prices are your own, else your organization's, else list prices. Sub-agents are included. Days are in the local
    time zone. Claude Code deletes transcripts after 30 days, or its cleanupPeriodDays; the exporter's counters are not
    affected.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other; choose one.")
    now = now_us()
    since_us = parse_since(since, now) if since is not None else None
    roots = transcript_roots(transcripts_dirs)
    messages = Messages(prices, since_us or 0)
    with progress() as track:
        for directory in track(transcript_directories(roots)):
            messages.read_project(directory)
    report = cost_report(messages.all(), by, since_us, now)
    if report["rows"] or as_json or as_csv:
        _print_report(report, as_json=as_json, as_csv=as_csv)
    else:
        say(f"No API messages{f' since {since}' if since else ''} in the transcripts in {listed(roots)}.")
    if len(prices.sources) > 1 and not (as_json or as_csv):
        say(f"Prices: {'; '.join(prices.sources)}.")
    for warning in prices.warnings:
        warn(warning)
    for path, reason in messages.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")


def _print_report(report: CostReport, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        say(json.dumps(report, indent=2))
    elif as_csv:
        sys.stdout.write(cost_csv(report))
    else:
        show(cost_table(report))
        for note in notes(report):
            say(note)
