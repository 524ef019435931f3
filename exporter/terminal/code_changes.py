"""What calls changed in code, in a line."""

from __future__ import annotations

from exporter.terminal.amounts import numbered
from exporter.views.code_numbers import CodeNumbers


def code_changes(code: CodeNumbers) -> str:
    """Lines, and commits and pull requests if there are any."""
    parts = (
        f"+{code['lines_added']:,} −{code['lines_removed']:,} lines",
        code["commits"] and numbered(code["commits"], "commit"),
        code["pull_requests"] and numbered(code["pull_requests"], "pull request"),
    )
    return " · ".join(str(part) for part in parts if part)
