"""Tables in terminals that are too narrow for them: no figure is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from exporter.terminal.descriptions import Column, PlainTable
from exporter.terminal.fitting import fitted
from exporter.terminal.rich_output import rich_table

COLUMNS = (
    Column("project"),
    Column("lines added", is_number=True),
    Column("cost", is_number=True, no_wrap=True, rank=1),
    Column("message", no_wrap=True, rank=3),
    Column("at the end", is_number=True, no_wrap=True, rank=2),
)
TABLE = PlainTable(
    COLUMNS, [("data-pipeline", "1,234,567", "$12,345.67", "all of it", "$23,456.78")], ("total", "2", "$3", "", "$4")
)


def printed(table: PlainTable, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False, _environ={})
    with console.capture() as captured:
        console.print(rich_table(fitted(table, width)))
    return captured.get().splitlines()


@pytest.mark.parametrize("width", range(20, 80))
def test_a_figure_is_shown_whole_or_its_column_is_not_there(width: int) -> None:
    lines = printed(TABLE, width)
    assert max(map(len, lines)) <= width
    for column, (heading, figure) in enumerate(
        [("added", "1,234,567"), ("cost", "$12,345.67"), ("at the end", "$23,456.78")]
    ):
        is_shown = any(figure in line for line in lines)
        assert is_shown == any(heading in line for line in lines)
        assert is_shown or column > 0


def test_columns_of_the_highest_rank_are_left_out_first() -> None:
    def headings(width: int) -> list[str]:
        return [column.heading for column in fitted(TABLE, width).columns]

    every = [column.heading for column in COLUMNS]
    assert headings(60) == every
    assert headings(48) == [each for each in every if each != "message"]
    assert headings(36) == every[:3]
    assert headings(20) == every[:2]
    assert fitted(TABLE, 36).totals == ["total", "2", "$3"]
