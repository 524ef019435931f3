"""Printing tables without lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from rich.cells import cell_len

from exporter.terminal.alignment import aligned, line
from exporter.terminal.descriptions import PlainTable, plain


def show(table: PlainTable) -> None:
    """Print a table; in a pipe, one line per row, neither truncated nor padded."""
    if sys.stdout.isatty():
        from exporter.terminal.rich_output import print_table  # noqa: PLC0415 - takes 20 ms, which scripts save

        print_table(table)
        return
    sys.stdout.writelines(f"{each}\n" for each in table_lines(table))
    sys.stdout.flush()


def table_lines(table: PlainTable) -> Iterator[str]:
    """The lines of a table that is as wide as its texts."""
    texts = [[plain(cell) for cell in row] for row in (table.headings, *table.rows, table.totals) if row]
    widths = [
        max([column.min_width, *(cell_len(row[number]) for row in texts)])
        for number, column in enumerate(table.columns)
    ]
    for row in texts:
        cells = zip(row, widths, table.columns, strict=True)
        yield line(aligned(text, width, is_number=column.is_number) for text, width, column in cells)
