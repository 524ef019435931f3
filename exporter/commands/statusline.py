"""`hookmeter statusline`: the line that Claude Code shows, for people who compose their own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from exporter.commands.place_options import data_dir_option, sessions_dir_option
from exporter.hooks.hookmeter_statusline import main, status_text
from exporter.sources.files import absolute
from exporter.terminal.messages import say


@click.command()
@sessions_dir_option
@data_dir_option
def statusline(sessions_dirs: tuple[Path, ...], data_dir: Path) -> None:
    """Print a status line with today's cost, that of the last hour, context and quotas, and record the quotas.

    It reads the JSON that Claude Code passes to status lines; in a terminal it shows only what the ledger has. To
    install it, run hookmeter hooks install --statusline, which starts faster.
    """
    ledger = absolute((data_dir,))[0]
    if sys.stdin.isatty():
        say(status_text({}, {}, ledger))
    else:
        main(absolute(sessions_dirs)[0], "", ledger)
