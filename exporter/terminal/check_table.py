"""What `hookmeter doctor` prints."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from exporter.reports.checks.finding import Finding, Verdict
from exporter.terminal.tables import PlainTable

STYLES = {Verdict.OK: "green", Verdict.INFO: "yellow", Verdict.ERROR: "bold red"}


def check_table(findings: Iterable[Finding]) -> Table:
    """A line per finding, and below it how to fix what is wrong."""
    table = PlainTable(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        verdict = Text(finding.verdict.value, STYLES[finding.verdict])
        table.add_row(verdict, Text(finding.subject, "bold"), finding.message)
        if finding.remedy:
            table.add_row("", "", finding.remedy)
    return table
