"""Printing tables, and the texts in their cells."""

from __future__ import annotations

import io
import sys
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from exporter.model.text import printable

PIPE_WIDTH = 4_000


def width() -> int:
    """The maximum width of a table: that of the terminal; in a pipe, practically unlimited."""
    return Console(file=sys.stdout).width if sys.stdout.isatty() else PIPE_WIDTH


def show(table: Table) -> None:
    """Print a table; in a pipe, one line per row, neither truncated nor padded."""
    if sys.stdout.isatty():
        Console(file=sys.stdout, highlight=False).print(table)
        return
    page = Console(file=io.StringIO(), width=PIPE_WIDTH, highlight=False, color_system=None)
    with page.capture() as captured:
        page.print(table)
    sys.stdout.writelines(line.rstrip() + "\n" for line in captured.get().splitlines())
    sys.stdout.flush()


class PlainTable(Table):
    """A table without lines, whose cells show texts literally: without markup, and printable."""

    def __init__(self, *headings: str, **options: Any) -> None:
        super().__init__(*headings, box=None, pad_edge=False, header_style="bold", **options)

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row of texts, some of which may have a style."""
        super().add_row(*(plain(cell) if isinstance(cell, str) else cell for cell in cells), **options)


def plain(text: str) -> Text:
    """Text from a log, shown literally: without markup, and printable."""
    return Text(printable(text))
