"""What `hookmeter doctor` prints."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.reports.checks.finding import Finding, Verdict
from exporter.terminal.descriptions import Cell, Column, PlainTable, Styled

STYLES = {Verdict.OK: "green", Verdict.INFO: "yellow", Verdict.ERROR: "bold red"}


def check_table(findings: Iterable[Finding]) -> PlainTable:
    """A line per finding, and below it how to fix what is wrong."""
    rows: list[tuple[Cell, ...]] = []
    for finding in findings:
        verdict = Styled(finding.verdict.value, STYLES[finding.verdict])
        rows.append((verdict, Styled(finding.subject, "bold"), finding.message))
        if finding.remedy:
            rows.append(("", "", finding.remedy))
    return PlainTable((Column(no_wrap=True), Column(no_wrap=True), Column(overflow="fold")), rows)
