"""The table of what calls changed in code."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from exporter.reports.code_report import MEASURES, CodeReport
from exporter.terminal.code_changes import numbered
from exporter.terminal.messages import say
from exporter.terminal.tables import PlainTable, show

LINES = MEASURES[:2]
NONE = "–"


def print_code(report: CodeReport) -> None:
    """Print the report."""
    if not any(report["total"].values()):
        say("Nothing was changed.")
        return
    if report["rows"]:
        show(_table(report))
    if "language" in report["by"]:
        total = report["total"]
        commits, pull_requests = numbered(total["commits"], "commit"), numbered(total["pull_requests"], "pull request")
        say(f"Created: {commits} and {pull_requests}.")


def _table(report: CodeReport) -> Table:
    """A row for each group, and the total; commits and pull requests are of no language."""
    shown = LINES if "language" in report["by"] else MEASURES
    table = PlainTable()
    for name in report["by"]:
        table.add_column(name, no_wrap=True)
    for measure in shown:
        table.add_column(measure.replace("_", " "), justify="right")
    for row in report["rows"]:
        names: Mapping[str, object] = {**row}
        table.add_row(*(str(names[name]) for name in report["by"]), *_numbers(row, shown))
    if len(report["rows"]) > 1:
        table.add_row("total", *[""] * (len(report["by"]) - 1), *_numbers(report["total"], shown), style="bold")
    return table


def _numbers(numbers: Mapping[str, object], shown: tuple[str, ...]) -> list[str]:
    return [f"{numbers[measure]:,}" if numbers[measure] else NONE for measure in shown]
