"""The table of what calls changed in code."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.reports.code_report import MEASURES, CodeReport
from exporter.terminal.amounts import numbered
from exporter.terminal.descriptions import Column, PlainTable
from exporter.terminal.messages import say
from exporter.terminal.tables import show

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


def _table(report: CodeReport) -> PlainTable:
    """A row for each group, and the total; commits and pull requests are of no language."""
    shown = LINES if "language" in report["by"] else MEASURES
    by, rows = report["by"], report["rows"]
    columns = [
        *(Column(name, no_wrap=True) for name in by),
        *(Column(each.replace("_", " "), is_number=True, rank=max(0, rank)) for rank, each in enumerate(shown, -1)),
    ]
    totals = ["total", *[""] * (len(by) - 1), *_numbers(report["total"], shown)]
    return PlainTable(columns, [_cells(row, by, shown) for row in rows], totals if len(rows) > 1 else ())


def _cells(row: Mapping[str, object], by: list[str], shown: tuple[str, ...]) -> list[str]:
    return [*(str(row[name]) for name in by), *_numbers(row, shown)]


def _numbers(numbers: Mapping[str, object], shown: tuple[str, ...]) -> list[str]:
    return [f"{numbers[measure]:,}" if numbers[measure] else NONE for measure in shown]
