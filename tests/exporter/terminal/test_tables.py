"""Durations, ages and texts in tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exporter.terminal.amounts import duration
from exporter.terminal.session_list import _ago
from exporter.terminal.tables import plain

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
    assert plain("[red]a\x1b[31m\r\nb\u202e\udc90é").plain == "[red]a [31m  b  é"
