"""Tables with a line per record that fit any terminal: narrow ones get shorter texts, then fewer columns."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from rich.cells import cell_len

from exporter.model.text import printable
from exporter.terminal.alignment import COLUMN_GAP, aligned, line
from exporter.terminal.screen import screen

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
NOTHING = "–"  # in place of what is unknown or zero
Record = TypeVar("Record")


@dataclass(frozen=True, eq=False)  # one is equal to itself alone, and so a key of dicts
class Column(Generic[Record]):
    """A column: its name, its cells, its least width, and whether it is left out where all of its cells are empty.

    Of columns that do not fit together, those with the highest `rank` are left out first. `styles` are those of cells
    with some texts.
    """

    name: str
    cell: Callable[[Record, datetime], str]
    min_width: int
    rank: int
    is_text: bool = False
    is_optional: bool = False
    max_width: int | None = None
    styles: Mapping[str, str] = field(default_factory=dict)


def show_fitted(columns: Iterable[Column[Record]], records: Sequence[Record], now: datetime) -> None:
    """Print a line per record: in a pipe, neither shortened nor colored."""
    max_width, is_colored = screen()
    sys.stdout.writelines(f"{each}\n" for each in _lines(columns, records, now, max_width, is_colored=is_colored))
    sys.stdout.flush()


def _lines(
    columns: Iterable[Column[Record]], records: Sequence[Record], now: datetime, max_width: int, *, is_colored: bool
) -> Iterator[str]:
    """A head, and a line per record."""
    texts = {column: [printable(column.cell(record, now)) for record in records] for column in columns}
    filled = [column for column, cells in texts.items() if not column.is_optional or {*cells} != {NOTHING}]
    shown = _fitting({column: _least_width(column, texts[column]) for column in filled}, max_width)
    widths = _widths({column: texts[column] for column in shown}, max_width)
    head = line([_fitted(column.name, widths[column], column) for column in shown])
    yield f"{BOLD}{head}{PLAIN}" if is_colored else head
    for row in zip(*(texts[column] for column in shown), strict=True):
        cells = zip(shown, row, strict=True)
        yield line([_cell(text, widths[column], column, is_colored=is_colored) for column, text in cells])


def _cell(text: str, width: int, column: Column[Record], *, is_colored: bool) -> str:
    style = column.styles.get(text) if is_colored else None
    return f"{style}{_fitted(text, width, column)}{PLAIN}" if style else _fitted(text, width, column)


def _fitted(text: str, width: int, column: Column[Record]) -> str:
    return aligned(text, width, is_number=not column.is_text)


def _least_width(column: Column[Record], texts: Sequence[str]) -> int:
    """The least width of a column: figures are never cut."""
    return column.min_width if column.is_text else max(column.min_width, *map(cell_len, texts))


def _fitting(least: Mapping[Column[Record], int], max_width: int) -> list[Column[Record]]:
    """The columns that fit a width together, in their order."""
    fitting: list[Column[Record]] = []
    for column in sorted(least, key=lambda column: column.rank):
        if sum(least[one] + COLUMN_GAP for one in (*fitting, column)) - COLUMN_GAP <= max_width:
            fitting.append(column)
    return [column for column in least if column in fitting]


def _widths(texts: Mapping[Column[Record], Sequence[str]], max_width: int) -> dict[Column[Record], int]:
    """The widths of columns: as wide as their cells, but if that is too much, the widest text is cut first."""
    widths = {column: max(cell_len(column.name), *(cell_len(cell) for cell in own)) for column, own in texts.items()}
    widths = {column: min(width, column.max_width or width) for column, width in widths.items()}
    while (excess := sum(widths.values()) + COLUMN_GAP * (len(widths) - 1) - max_width) > 0:
        spare = {column: width - column.min_width for column, width in widths.items() if column.is_text}
        widest = max(spare, key=lambda column: spare[column])
        if spare[widest] <= 0:
            break
        widths[widest] -= min(excess, spare[widest])
    return widths
