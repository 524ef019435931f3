"""Which numbers are exact from which version of Claude Code on, as docs/counting.md has it."""

from __future__ import annotations

import re

Version = tuple[int, ...]

TESTED = "2.1.332"
EXACT_SINCE = {
    "calls that run in parallel": "2.0.43",
    "calls by agent": "2.1.69",
    "all that hooks record": "2.1.101",
    "API errors": "2.1.112",
    "outcomes of calls": "2.1.118",
    "durations of calls": "2.1.119",
}
RELEASE = re.compile(r"\d+(\.\d+)+")


def inexact_numbers(version: str) -> list[str]:
    """The numbers that are not exact with a version; none if it is not a version."""
    found = _parsed(version)
    return [numbers for numbers, since in EXACT_SINCE.items() if found and found < _parsed(since)]


def newest(versions: set[str]) -> str:
    """The newest of some versions."""
    return max(versions, key=_parsed)


def _parsed(version: str) -> Version:
    release = RELEASE.match(version)
    return tuple(int(part[:9]) for part in release[0].split(".")) if release else ()
