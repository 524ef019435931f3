"""CSV of costs: no cell is a formula, numbers stay numbers."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.spreadsheet import FORMULA_STARTS
from exporter.reports.cost_report import CostNumbers, CostReport
from exporter.terminal.cost_csv import CSV_FIELDS, cost_csv

NUMBERS: CostNumbers = dict.fromkeys(CSV_FIELDS, -1)  # type: ignore[assignment] # negative ones stay numbers, too


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a report on one branch."""
    report: CostReport = {"by": ["branch"], "rows": [{"branch": name, **NUMBERS}], "total": NUMBERS}  # type: ignore[typeddict-item]
    return list(csv.DictReader(io.StringIO(cost_csv(report))))


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+2", "'=1+2"),
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+1", "'+1"),
        ("-1+2", "'-1+2"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("\u200b=1", "' =1"),
        ("＝1", "'＝1"),
        ("main", "main"),
        ("a=1", "a=1"),
        ("fix/é-1", "fix/é-1"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_evaluate_has_a_leading_apostrophe(name: str, cell: str) -> None:
    assert [row["branch"] for row in rows(name)] == [cell]


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_begins_as_a_formula_and_each_is_one_row(name: str) -> None:
    (row,) = rows(name)
    assert not row["branch"].startswith((*FORMULA_STARTS, "\t", "\r", "\n"))
    assert row["branch"].isprintable()


def test_numbers_stay_numbers() -> None:
    (row,) = rows("=1")
    assert [row[field] for field in CSV_FIELDS] == ["-1"] * len(CSV_FIELDS)
