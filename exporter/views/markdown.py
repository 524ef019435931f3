"""Texts from logs in Markdown, as code, so that nothing in them is taken for Markdown or HTML."""

from __future__ import annotations

import re

from exporter.model.text import printable

INDENT = "  "  # which Markdown removes from the lines of a block
TICKS = re.compile("`+")
LINE_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def code(text: str) -> str:
    """The text within a line."""
    shown = printable(text).strip() or " "
    ticks = "`" * (1 + _longest(shown))
    inner = f" {shown} " if shown.startswith("`") or shown.endswith("`") else shown
    return f"{ticks}{inner}{ticks}"


def block(text: str) -> str:
    """The text as a block of lines, indented, so that none can be taken for a line of hookmeter."""
    lines = [printable(line) for line in LINE_BREAKS.split(text)]
    fence = "`" * max(3, 1 + _longest(text))
    return "\n".join(f"{INDENT}{line}" for line in (f"{fence}text", *lines, fence))


def _longest(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(map(len, TICKS.findall(text)), default=0)
