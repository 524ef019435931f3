"""`hookmeter cost`: what Claude Code cost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from exporter.commands.options import data_dir_option, price_options, transcript_roots, transcripts_dir_option
from exporter.commands.value_types import Directory
from exporter.ledger.file import LedgerError
from exporter.ledger.opening import read_ledger
from exporter.ledger.store import Ledger
from exporter.model.clock import now_us
from exporter.model.since import parse_since
from exporter.model.text import listed
from exporter.prices.table import PriceTable
from exporter.reports.cost_report import GROUPS, CostReport
from exporter.reports.cost_report import report as cost_report
from exporter.reports.costs import Messages, known_directories
from exporter.reports.prices_used import PricesUsed, prices_used
from exporter.reports.profiles import sessions_elsewhere
from exporter.terminal.messages import progress, say, say_json, warn


class Form(Enum):
    """How the report is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Profile(NamedTuple):
    """The directories of transcripts, and whether the report is limited to sessions in them."""

    transcript_roots: tuple[str, ...]
    is_limited: bool


def profile_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --profile and --transcripts-dir to a command, which gets them as a Profile."""

    @transcripts_dir_option
    @click.option(
        "--profile",
        "profiles",
        multiple=True,
        metavar="DIR",
        type=Directory(),
        help="Only sessions of a profile: its CLAUDE_CONFIG_DIR, such as ~/.claude; may be repeated.",
    )
    @wraps(command)
    def with_profile(profiles: tuple[Path, ...], transcripts_dirs: tuple[Path, ...], **others: Any) -> None:
        chosen = tuple(profile / "projects" for profile in profiles) or transcripts_dirs
        command(profile=Profile(transcript_roots(chosen), bool(chosen)), **others)

    return with_profile


def form_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --json and --csv to a command, which gets them as a Form."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
    @click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
    @wraps(command)
    def with_form(*, as_json: bool, as_csv: bool, **others: Any) -> None:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv exclude each other; choose one.")
        command(form=Form.JSON if as_json else Form.CSV if as_csv else Form.TABLE, **others)

    return with_form


@click.command(short_help="Report costs by model, project, agent, day, session, branch, skill and more.")
@profile_options
@data_dir_option
@price_options
@click.option("--since", metavar="TIME", help="Start of the time range: 7d, 12h, 30m, or a date such as 2026-11-28.")
@click.option(
    "--by",
    type=click.Choice([group.replace("_", "-") for group in GROUPS]),
    callback=lambda _context, _option, group: group.replace("-", "_"),
    default="model",
    show_default=True,
    help="What to group by.",
)
@form_options
def cost(
    profile: Profile,
    data_dir: Path,
    prices: PriceTable,
    since: str | None,
    by: str,
    form: Form,
) -> None:
    """Report what the usage in Claude Code's transcripts costs; each API message counts once.

    Prices are your own, else your organization's, else list prices. Sub-agents are included. Days are in the local
    time zone. Claude Code deletes transcripts after 30 days, or its cleanupPeriodDays; what the exporter has read of
    them is in its ledger, and so in the report. With --profile, only sessions of that account are reported.
    """
    now = now_us()
    since_us = parse_since(since, now) if since is not None else None
    roots = profile.transcript_roots
    messages = Messages(prices, since_us or 0)
    try:
        with read_ledger(data_dir) as ledger:
            _read(messages, ledger, roots, is_limited=profile.is_limited)
            used = prices_used(prices, ledger)
    except LedgerError as error:
        warn(f"{error} Costs come from the transcripts alone")
        messages = Messages(prices, since_us or 0)
        _read(messages, None, roots, is_limited=True)
        used = prices_used(prices, None)
    report = cost_report(messages.all(), by, since_us, now)
    if report["rows"] or form is not Form.TABLE:
        _print_report(report, used, form)
    else:
        say(f"No API messages{f' since {since}' if since else ''} in the transcripts in {listed(roots)}.")
    for warning in prices.warnings:
        warn(warning)
    for path, reason in messages.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")


def _read(messages: Messages, ledger: Ledger | None, roots: tuple[str, ...], *, is_limited: bool) -> None:
    """Read the ledger and what it lacks; unless the directories were given, also those that only hooks name."""
    if ledger:
        messages.start_from(ledger, sessions_elsewhere(ledger, roots) if is_limited else frozenset())
    with progress() as track:
        messages.read_projects(known_directories(roots, None if is_limited else ledger), track)


def _print_report(report: CostReport, used: PricesUsed, form: Form) -> None:
    if form is Form.JSON:
        say_json({**report, "prices": used})
        return
    from exporter.terminal import cost_tables, tables  # noqa: PLC0415 - Rich takes 50 ms, which scripts save

    if form is Form.CSV:
        sys.stdout.write(cost_tables.cost_csv(report))
        return
    tables.show(cost_tables.cost_table(report))
    for note in (*cost_tables.notes(report), *cost_tables.price_notes(used)):
        say(note)
