"""What `hookmeter doctor` prints."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from exporter.reports.doctor import Check, Verdict
from exporter.terminal.tables import plain

STYLES = {Verdict.WELL: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "bold red"}


def check_table(found: Iterable[Check]) -> Table:
    """A line a check, and under it how to mend what is wrong."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in found:
        mark = Text(check.verdict.value, STYLES[check.verdict])
        table.add_row(mark, Text(check.subject, "bold"), plain(check.found))
        if check.remedy:
            table.add_row("", "", plain(check.remedy))
    return table
