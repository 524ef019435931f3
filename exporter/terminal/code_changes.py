"""What calls changed in code, in a line."""

from __future__ import annotations

from exporter.views.code_numbers import CodeNumbers


def code_changes(code: CodeNumbers) -> str:
    """Lines, and commits and pull requests if there are any."""
    parts = (
        f"+{code['lines_added']:,} −{code['lines_removed']:,} lines",
        _counted(code["commits"], "commit"),
        _counted(code["pull_requests"], "pull request"),
    )
    return " · ".join(filter(None, parts))


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}" if number else ""
