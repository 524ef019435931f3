"""`hookmeter cost`: what was spent, for people."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from exporter.commands.options import prices_option, transcript_roots, transcripts_dir_option
from exporter.model.clock import now_us
from exporter.model.since import parse_since
from exporter.prices.table import load_prices
from exporter.reports.costs import GROUPS, Messages, transcript_directories
from exporter.reports.costs import report as cost_report
from exporter.terminal import tables
from exporter.terminal.cost_tables import cost_csv, cost_table, notes
from exporter.terminal.messages import progress, say, warn


@click.command(short_help="Say what was spent, by model, project, agent, day or session.")
@transcripts_dir_option
@prices_option
@click.option("--since", metavar="TIME", help="From then on: 7d, 24h, 30m, or a date such as 2026-11-01.")
@click.option("--by", type=click.Choice(list(GROUPS)), default="model", show_default=True, help="What makes a line.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, for spreadsheets.")
def cost(
    transcripts_dirs: tuple[Path, ...],
    prices_file: Path | None,
    since: str | None,
    by: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Say what Claude Code's transcripts come to at list prices, each API message counted once.

    Sub-agents are in it. Days are those of this machine's time zone. Claude Code deletes transcripts after 30 days
    unless its cleanupPeriodDays says otherwise; the exporter's counters go on.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    now = now_us()
    since_us = parse_since(since, now) if since is not None else None
    roots = transcript_roots(transcripts_dirs)
    messages = Messages(load_prices(prices_file), since_us or 0)
    with progress() as track:
        for folder in track(transcript_directories(roots)):
            messages.read(folder)
    report = cost_report(messages.all(), by, since_us, now)
    if as_json:
        say(json.dumps(report, indent=2))
    elif as_csv:
        sys.stdout.write(cost_csv(report))
    elif report["rows"]:
        tables.show(cost_table(report))
        for sentence in notes(report):
            say(sentence)
    else:
        say(f"No API message{' since then' if since else ''} in transcripts below {', '.join(roots)}.")
    for path, reason in messages.unreadable.items():
        warn(f"{path} cannot be read ({reason}); what it holds is missing here")
