"""What calls changed in code as a JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from exporter.sources.code_changes import Measure


class CodeNumbers(TypedDict):
    """Lines that edits added and removed, and the commands that created commits and pull requests."""

    lines_added: int
    lines_removed: int
    commits: int
    pull_requests: int


def code_numbers(found: Mapping[Measure, int]) -> CodeNumbers:
    """The JSON object of the numbers that there are; the others are 0."""
    return {
        "lines_added": found.get(Measure.LINES_ADDED, 0),
        "lines_removed": found.get(Measure.LINES_REMOVED, 0),
        "commits": found.get(Measure.COMMITS, 0),
        "pull_requests": found.get(Measure.PULL_REQUESTS, 0),
    }
