"""Text from logs as cells of CSV."""

from __future__ import annotations

from exporter.model.text import printable

# Also the space that a tab or a line break has become, behind which a formula may follow, and full-width characters.
FORMULA_STARTS = ("=", "+", "-", "@", " ", "＝", "＋", "－", "＠")


def cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown
