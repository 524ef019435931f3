"""Texts in columns, by the width that each has in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size

COLUMN_GAP = 2


def aligned(text: str, width: int, *, is_number: bool) -> str:
    """A text as wide as its column, cut with an ellipsis if it is wider; numbers are right-justified."""
    text_width = cell_len(text)
    if text_width > width:
        text, text_width = f"{set_cell_size(text, width - 1)}…", width
    space = " " * (width - text_width)
    return space + text if is_number else text + space


def line(cells: Iterable[str]) -> str:
    """The line of a row, not padded at its end."""
    return (" " * COLUMN_GAP).join(cells).rstrip()
