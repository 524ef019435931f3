"""What tables and lines consist of, wherever they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from exporter.model.text import printable


class Styled(NamedTuple):
    """A text with the style that it has in a terminal, in words of Rich such as "bold red"."""

    text: str
    style: str


Cell = str | Styled


class Column(NamedTuple):
    """A column; a terminal that is too narrow wraps or truncates its texts.

    Of columns for which there is no room, those with the highest `rank` are left out; one of rank 0 never is.
    """

    heading: str = ""
    is_number: bool = False
    no_wrap: bool = False
    overflow: Literal["ellipsis", "fold"] = "ellipsis"
    min_width: int = 0
    rank: int = 0


class PlainTable(NamedTuple):
    """Columns, rows with a cell for each, and maybe a row of totals; all texts are shown literally."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[str] = ()

    @property
    def headings(self) -> list[str]:
        """The heading of each column; none if all are empty."""
        headings = [column.heading for column in self.columns]
        return headings if any(headings) else []


class Line(NamedTuple):
    """Pieces one after another, each in the style of the line and in its own."""

    pieces: Sequence[Cell]
    style: str = ""


def plain(cell: Cell) -> str:
    """The text of a cell, printable and without its style."""
    return printable(cell.text if isinstance(cell, Styled) else cell)
