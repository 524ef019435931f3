"""`hookmeter doctor`: what stands between a user and true numbers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from exporter.commands.options import claude_settings, settings_options
from exporter.reports.doctor import Verdict, examine
from exporter.settings import Settings
from exporter.terminal import tables
from exporter.terminal.check_table import check_table


@click.command(short_help="Check hooks, logs, transcripts, ledger and exporter.")
@settings_options
def doctor(settings: Settings) -> None:
    """Check hooks, logs, transcripts, ledger and exporter, and say how to mend what is wrong; exit 1 if anything is.

    It takes the exporter's options. A line with -- is only to be known: nothing is wrong with the numbers.
    """
    files = (claude_settings(user=True), Path(".claude/settings.json"), Path(".claude/settings.local.json"))
    found = list(examine(tuple(dict.fromkeys(file.absolute() for file in files)), settings))
    tables.show(check_table(found))
    sys.exit(1 if any(check.verdict is Verdict.WRONG for check in found) else 0)
