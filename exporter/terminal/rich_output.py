"""What terminals get by Rich: tables, and lines with styles."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.terminal.descriptions import Cell, Line, PlainTable, Styled, plain
from exporter.terminal.fitting import fitted, least_widths


def print_table(table: PlainTable) -> None:
    """Print a table that is as wide as the terminal at most."""
    console = Console(file=sys.stdout, highlight=False)
    console.print(rich_table(fitted(table, console.width)))


def print_lines(lines: Iterable[Line]) -> None:
    """Print lines, which the terminal itself wraps."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for line in lines:
        text = Text(style=line.style)
        for piece in line.pieces:
            text.append(plain(piece), piece.style if isinstance(piece, Styled) else None)
        console.print(text)


def rich_table(table: PlainTable) -> Table:
    """The table of Rich."""
    made = Table(
        box=None, pad_edge=False, header_style="bold", footer_style="bold",
        show_header=bool(table.headings), show_footer=bool(table.totals),
    )  # fmt: skip
    totals = table.totals or [""] * len(table.columns)
    for column, total, least in zip(table.columns, totals, least_widths(table), strict=True):
        made.add_column(
            rich_text(column.heading),
            rich_text(total),
            justify="right" if column.is_number else "left",
            no_wrap=column.no_wrap,
            overflow=column.overflow,
            min_width=least if column.is_number else column.min_width or None,
        )
    for row in table.rows:
        made.add_row(*map(rich_text, row))
    return made


def rich_text(cell: Cell) -> Text:
    """The text of a cell, shown literally: without markup, and printable."""
    return Text(plain(cell), cell.style if isinstance(cell, Styled) else "")
