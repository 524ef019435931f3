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
LEAST_SHOWN = 0.0001


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


def duration(milliseconds: float | None) -> str:
    """A duration in two units at most: 850 ms, 12.3 s, 4 min 10 s, 2 h 5 min."""
    if milliseconds is None:
        return "–"
    if round(milliseconds) < 1000:
        return f"{milliseconds:.0f} ms"
    if round(milliseconds / 1000, 1) < 60:
        return f"{milliseconds / 1000:.1f} s"
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def dollars(amount: float | None) -> str:
    """An amount in US dollars: in cents, and below a dollar in hundredths of cents; "unknown" if it is None."""
    if amount is None:
        return "unknown"
    digits = 4 if 0 < abs(amount) < 1 else 2
    if 0 < abs(amount) < LEAST_SHOWN / 2:
        return f"<${LEAST_SHOWN}" if amount > 0 else f">-${LEAST_SHOWN}"
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{digits}f}"


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
