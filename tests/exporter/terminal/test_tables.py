"""Durations, ages and texts in tables."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from exporter.terminal.amounts import duration
from exporter.terminal.descriptions import Column, PlainTable, Styled, plain
from exporter.terminal.fitted_table import Column as Fitted
from exporter.terminal.fitted_table import _lines
from exporter.terminal.rich_output import rich_table
from exporter.terminal.session_list import _ago, _tokens
from exporter.terminal.tables import table_lines

PIECES = (
    "a", "word ", " ", "1,234", "–", "日本", "e\u0301", "🦀", "❤\ufe0f", "👩\u200d🔬", "[b]", ":smile:", "\x1b[31m",
    "\r\n",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
STYLED_TEXTS = st.builds(Styled, TEXTS, st.just("red"))
TEXT_COLUMNS = st.builds(
    Column, st.sampled_from(("", "name", "日本")), is_number=st.just(False), min_width=st.integers(0, 12)
)
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "–"), (0, "0 ms"), (0.4, "0 ms"), (850, "850 ms"), (999.4, "999 ms"), (999.6, "1.0 s"), (1000, "1.0 s"),
        (12_340, "12.3 s"), (59_940, "59.9 s"), (59_960, "1 min 0 s"), (250_000, "4 min 10 s"),
        (3_599_600, "1 h 0 min"), (7_500_000, "2 h 5 min"), (90_000_000, "25 h 0 min"),
    ],
)  # fmt: skip
def test_a_duration_has_one_or_two_units(milliseconds: float | None, text: str) -> None:
    assert duration(milliseconds) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(-5, "now"), (0.9, "now"), (1, "1 min ago"), (59.9, "59 min ago"), (60, "1 h ago"), (1439, "23 h ago")],
)
def test_an_age_has_one_unit(minutes: float, text: str) -> None:
    assert _ago((NOW - timedelta(minutes=minutes)).isoformat(), NOW) == text


def test_text_from_a_log_has_no_markup_and_no_control_characters() -> None:
    assert plain("[red]a\x1b[31m\r\nb\u202e\udc90é") == "[red]a [31m  b  é"


def printed(table: PlainTable, width: int, **variables: str) -> list[str]:
    """The lines that a terminal gets, with styles if it is any."""
    console = Console(file=io.StringIO(), width=width, highlight=False, _environ=variables)
    with console.capture() as captured:
        console.print(rich_table(table))
    return [line.rstrip() for line in captured.get().splitlines()]


@given(
    columns=st.lists(TEXT_COLUMNS, min_size=1, max_size=3),
    numbers=st.lists(st.integers(0, 1_000_000).map("{:,}".format), max_size=3),
    has_totals=st.booleans(),
    data=st.data(),
)
def test_a_table_in_a_pipe_is_that_of_a_terminal_that_is_wide_enough(
    columns: list[Column], numbers: list[str], has_totals: bool, data: st.DataObject
) -> None:
    rows = [(*(data.draw(TEXTS | STYLED_TEXTS) for _ in columns), number) for number in numbers]
    totals = (*(data.draw(TEXTS) for _ in columns), "12,345") if has_totals else ()
    table = PlainTable([*columns, Column("number", is_number=True)], rows, totals)
    assert list(table_lines(table)) == printed(table, 1_000)


def test_a_pipe_gets_one_line_per_row_however_long_it_is() -> None:
    rows = [("a", "a very long message " * 1_000), ("bb", "short")]
    assert list(table_lines(PlainTable((Column(), Column()), rows))) == [f"a   {rows[0][1].rstrip()}", "bb  short"]


def test_a_terminal_gets_headings_and_totals_bold_and_texts_in_their_styles() -> None:
    columns = Column("name"), Column("cost", is_number=True)
    table = PlainTable(columns, [("tea", Styled("$1", "red"))], ("total", "$12"))
    head, row, total = printed(table, 40, TERM="xterm", FORCE_COLOR="1")
    assert "\x1b[1mname" in head
    assert row == "tea    \x1b[31m  $1\x1b[0m"
    assert total.startswith("\x1b[1mtotal")


def test_a_narrow_terminal_wraps_folds_and_truncates_texts() -> None:
    columns = Column(), Column(overflow="fold"), Column(no_wrap=True)
    table = PlainTable(columns, [("one two", "abcdefgh", "–")])
    assert printed(table, 14) == ["one    abcd  –", "two    efgh"]
    assert printed(PlainTable((Column(no_wrap=True),), [("one two",)]), 5) == ["one …"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "–"), (812, "812"), (12_400, "12k"), (999_499, "999k"), (999_500, "1.0M"), (3_449_999, "3.4M"),
        (999_949_999, "999.9M"), (999_950_000, "1.0B"), (5_021_000_000, "5.0B"), (1_250_000_000_000, "1,250.0B"),
    ],
)  # fmt: skip
def test_tokens_have_few_characters(number: int, text: str) -> None:
    assert _tokens(number) == text


def test_large_figures_leave_no_room_for_others_rather_than_run_over() -> None:
    columns: tuple[Fitted[str], ...] = (
        Fitted("name", lambda one, _: one, 4, 0, is_text=True),
        Fitted("calls", lambda _, __: "1,234,567", 5, 1),
    )
    widths = {width: [*_lines(columns, ["a long name"], NOW, width, is_colored=False)] for width in (14, 15, 22)}
    assert widths[14] == ["name", "a long name"]
    assert widths[15] == ["name      calls", "a l…  1,234,567"]
    assert widths[22] == ["name             calls", "a long name  1,234,567"]
