"""Counts what calls have changed in code."""

from __future__ import annotations

from exporter.counting.catalog import COMMITS, LINES_OF_CODE, PULL_REQUESTS, Counter
from exporter.counting.totals import Increments
from exporter.sources.code_changes import CodeHours, Measure

# The counter of each measure, and the value of the label `change`, which only lines have.
COUNTERS: dict[Measure, tuple[Counter, tuple[str, ...]]] = {
    Measure.LINES_ADDED: (LINES_OF_CODE, ("added",)),
    Measure.LINES_REMOVED: (LINES_OF_CODE, ("removed",)),
    Measure.COMMITS: (COMMITS, ()),
    Measure.PULL_REQUESTS: (PULL_REQUESTS, ()),
}


def count_code(changes: CodeHours, increments: Increments) -> None:
    """Count changes of any hours."""
    for kind, number in changes.items():
        counter, change = COUNTERS[kind.measure]
        increments.count(counter, (kind.language, *change) if change else (), number)
