"""Which columns of a table a terminal has room for."""

from __future__ import annotations

from rich.cells import cell_len

from exporter.terminal.alignment import COLUMN_GAP
from exporter.terminal.descriptions import Column, PlainTable, plain

MIN_TEXT_WIDTH = 8


def fitted(table: PlainTable, max_width: int) -> PlainTable:
    """The table without the columns for which there is no room, those with the highest rank first."""
    least = least_widths(table)
    left = max_width + COLUMN_GAP
    shown: set[int] = set()
    for number in sorted(range(len(least)), key=lambda number: table.columns[number].rank):
        width = least[number] + COLUMN_GAP
        if not table.columns[number].rank or width <= left:
            shown.add(number)
            left -= width
    return table if len(shown) == len(least) else _only(table, shown)


def least_widths(table: PlainTable) -> list[int]:
    """The least width of each column: a number is never cut, nor is a text that may not be wrapped.

    Headings of numbers are wrapped between words.
    """
    rows = [*table.rows, *([table.totals] if table.totals else [])]
    return [
        _least_width(column, max((cell_len(plain(row[number])) for row in rows), default=0))
        for number, column in enumerate(table.columns)
    ]


def _least_width(column: Column, longest: int) -> int:
    if column.no_wrap:
        return max(longest, cell_len(column.heading))
    if column.is_number:
        return max(longest, *map(cell_len, column.heading.split() or [""]))
    return min(longest, max(column.min_width, MIN_TEXT_WIDTH))


def _only(table: PlainTable, shown: set[int]) -> PlainTable:
    return PlainTable(
        [column for number, column in enumerate(table.columns) if number in shown],
        [[cell for number, cell in enumerate(row) if number in shown] for row in table.rows],
        [text for number, text in enumerate(table.totals) if number in shown],
    )
