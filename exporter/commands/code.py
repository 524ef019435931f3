"""`hookmeter code`: lines that edits have added and removed, commits and pull requests."""

from __future__ import annotations

from pathlib import Path

import click

from exporter.commands.place_options import data_dir_option
from exporter.commands.value_types import Groups, Time
from exporter.ledger.reading import read_ledger
from exporter.model.clock import from_us, now_us
from exporter.model.since import parse_range
from exporter.reports.code_report import GROUPS, code_report
from exporter.sources.call_hours import HOUR_US
from exporter.terminal.code_table import print_code
from exporter.terminal.messages import fail, say, say_json


@click.command()
@click.option("--since", type=Time(), default="7d", show_default=True, help="Start: 7d, 12h or a date.")
@click.option("--until", type=Time(), help="End, likewise; a date is included.")
@click.option(
    "--by",
    type=Groups(GROUPS),
    multiple=True,
    default=["project", "language"],
    metavar="GROUPS",
    help=f"What to group by; several are separated by commas: {', '.join(GROUPS)}.  [default: project,language]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@data_dir_option
def code(since: str, until: str | None, by: tuple[tuple[str, ...], ...], as_json: bool, data_dir: Path) -> None:
    """Report the lines that edits have added and removed, and the commands that created commits and pull requests.

    The figures are those of the exporter's ledger, in whole hours, from the differences that Claude Code reports.
    """
    now = now_us()
    since_us, until_us = parse_range(since, until, now)
    hours = range(since_us // HOUR_US, -(-(now if until_us is None else until_us) // HOUR_US))
    with read_ledger(data_dir) as ledger:
        if ledger is None:
            fail(f"there is no ledger in {data_dir}; run hookmeter exporter first, or name another with --data-dir", 1)
        changes, labels = ledger.code_hours(hours.start, hours.stop), ledger.labels()
        known_us = ledger.code_since_us()
    groups = tuple(dict.fromkeys(group for groups in by for group in groups))
    report = code_report(changes, groups, labels, hours)
    if as_json:
        say_json(report)
        return
    print_code(report)
    if known_us > hours.start * HOUR_US:
        say(f"Changes before {from_us(known_us).astimezone():%Y-%m-%d %H:%M} are not counted.")
