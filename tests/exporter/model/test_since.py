"""The start of a time range: a span before now, or a date in the local time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exporter.model.clock import from_us
from exporter.model.since import SinceError, parse_since, parse_until
from tests.support.zones import zone

NOW = datetime(2026, 11, 22, 12, 34, 56, 789_000, tzinfo=UTC)
NOW_US = 1_795_350_896_789_000


@pytest.fixture(autouse=True)
def new_york() -> Iterator[None]:
    with zone("America/New_York"):
        yield


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0m", timedelta()),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("999d", timedelta(days=999)),
    ],
)
def test_a_span_goes_back_from_now(text: str, span: timedelta) -> None:
    assert from_us(NOW_US) == NOW
    assert from_us(parse_since(text, NOW_US)) == NOW - span


@pytest.mark.parametrize("text", ["999999w", "999999d", "1900-01-01", "0001-01-01", "0001-01-01T00:00+00:00"])
def test_a_time_before_the_epoch_is_the_epoch(text: str) -> None:
    assert parse_since(text, NOW_US) == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01", "2026-11-01T04:00:00+00:00"),
        ("2026-11-02", "2026-11-02T05:00:00+00:00"),  # the clocks were put back in between
        ("2026-07-01T08:30", "2026-07-01T12:30:00+00:00"),
        ("2026-07-01 08:30:15.25", "2026-07-01T12:30:15.250000+00:00"),
        ("2026-07-01T08:30Z", "2026-07-01T08:30:00+00:00"),
        ("2026-07-01T08:30+05:45", "2026-07-01T02:45:00+00:00"),
        ("2027-01-01", "2027-01-01T05:00:00+00:00"),
        ("9999-12-31T00:00Z", "9999-12-31T00:00:00+00:00"),
    ],
)
def test_a_date_is_in_the_local_time_zone_unless_it_names_one(text: str, moment: str) -> None:
    assert from_us(parse_since(text, NOW_US)).isoformat() == moment


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "7", "d", "-7d", "+7d", "7 d", "7D", "7d\n", "1.5h", "7y", "1234567d", "yesterday", "2026-13-01",
        "2026-02-29", "2026-11-01T25:00", "01/11/2026", "9999-12-31T23:00-05:00", "9999-12-31T23:00",
    ],
)  # fmt: skip
def test_an_invalid_time_is_refused_with_an_example_of_a_valid_one(text: str) -> None:
    with pytest.raises(SinceError) as refused:
        parse_since(text, NOW_US)
    assert str(refused.value) == f"invalid time {text!r}; use 7d, 12h or 2026-11-28."


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01", "2026-11-02T05:00:00+00:00"),  # a day of 25 hours
        ("20261102", "2026-11-03T05:00:00+00:00"),
        ("2026-11-02T08:30Z", "2026-11-02T08:30:00+00:00"),
        ("24h", "2026-11-21T12:34:56.789000+00:00"),
        ("9999-12-31", "9999-12-31T00:00:00+00:00"),
    ],
)
def test_a_range_until_a_date_includes_that_day(text: str, moment: str) -> None:
    assert from_us(parse_until(text, NOW_US)).isoformat() == moment


def test_dates_are_in_the_time_zone_that_is_named() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert from_us(parse_since("2026-11-02", NOW_US, berlin)).isoformat() == "2026-11-01T23:00:00+00:00"
    assert from_us(parse_until("2026-11-02", NOW_US, berlin)).isoformat() == "2026-11-02T23:00:00+00:00"
    assert parse_since("2026-11-02T00:00Z", NOW_US, berlin) == parse_since("2026-11-02T00:00Z", NOW_US)
