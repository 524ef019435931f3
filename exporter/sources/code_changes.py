"""What calls change in code: the lines of an edit by language, commits, and pull requests.

Claude Code reports the difference that an edit made, and recognizes what a command did with git and gh.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from exporter.model.records import CodeChange, TextEnum
from exporter.sources.languages import language_of
from exporter.sources.tool_results import UNDECODABLE, ToolResult

NEW_COMMITS = frozenset({"committed", "cherry-picked"})  # an amended commit is the same one
ADDED, REMOVED = "+", "-"


class Measure(TextEnum):
    """What is counted of changes: the names of the numbers of a `CodeChange`."""

    LINES_ADDED = "lines_added"
    LINES_REMOVED = "lines_removed"
    COMMITS = "commits"
    PULL_REQUESTS = "pull_requests"


class CodeHour(NamedTuple):
    """A measure of the changes in an hour, by language: of commits and pull requests, an empty text."""

    hour: int
    language: str
    measure: Measure


CodeHours = Counter[CodeHour]


class _Hunk(msgspec.Struct, gc=False):
    lines: list[str] = []


class _Commit(msgspec.Struct, gc=False):
    kind: Any = None


class _PullRequest(msgspec.Struct, gc=False):
    action: Any = None


class _Operation(msgspec.Struct, gc=False):
    commit: _Commit | None = None
    pr: _PullRequest | None = None


HUNKS = msgspec.json.Decoder(list[_Hunk])
OPERATION = msgspec.json.Decoder(_Operation)
TEXT = msgspec.json.Decoder(str)


def code_change(result: ToolResult) -> CodeChange | None:
    """What a result reports of a change; None if it reports none."""
    if result.structured_patch and isinstance(result.file_path, str):
        return _edit(result, result.file_path)
    return _operation(result.git_operation) if result.git_operation else None


def code_hours(change: CodeChange, hour: int) -> Iterator[tuple[CodeHour, int]]:
    """The numbers of a change that ended in an hour."""
    for measure in Measure:
        number = getattr(change, measure)
        if number:
            is_of_lines = measure in {Measure.LINES_ADDED, Measure.LINES_REMOVED}
            yield CodeHour(hour, change.language if is_of_lines else "", measure), number


def _edit(result: ToolResult, path: str) -> CodeChange | None:
    try:
        hunks = HUNKS.decode(result.structured_patch)
        lines = [line[:1] for hunk in hunks for line in hunk.lines]
        added, removed = lines.count(ADDED), lines.count(REMOVED)
        if not hunks and result.type == "create" and result.content:
            added = _number_of_lines(TEXT.decode(result.content))
    except UNDECODABLE:
        return None
    return CodeChange(language_of(path), added, removed) if added or removed else None


def _number_of_lines(text: str) -> int:
    return text.count("\n") + (text != "" and not text.endswith("\n"))


def _operation(raw: msgspec.Raw) -> CodeChange | None:
    try:
        found = OPERATION.decode(raw)
    except UNDECODABLE:
        return None
    commits = found.commit is not None and found.commit.kind in NEW_COMMITS
    pull_requests = found.pr is not None and found.pr.action == "created"
    return CodeChange("", 0, 0, int(commits), int(pull_requests)) if commits or pull_requests else None
