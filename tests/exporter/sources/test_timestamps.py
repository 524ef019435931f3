import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.bounds import MAX_AHEAD_US, MIN_TIME_US
from exporter.model.clock import from_us, now_us
from exporter.sources.timestamps import to_us

MOMENT = datetime(2026, 2, 15, 14, 53, 16, 123456, UTC)
MOMENT_US = 1_771_167_196_123_456
SECOND_US = 1_771_167_196_000_000


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-15T14:53:16Z", SECOND_US),
        ("2026-02-15t14:53:16z", SECOND_US),
        ("2026-02-15T14:53:16.123Z", SECOND_US + 123_000),
        ("2026-02-15T14:53:16.123456Z", MOMENT_US),
        ("2026-02-15T14:53:16.123456789Z", MOMENT_US),
        ("2026-02-15T14:53:16.9999999Z", SECOND_US + 999_999),
        ("2026-02-15 14:53:16.1Z", SECOND_US + 100_000),
        ("2026-02-15T14:53:16,123Z", SECOND_US + 123_000),
        ("2026-02-15T14:53:16+00:00", SECOND_US),
        ("2026-02-15T14:53:16.123456+00:00", MOMENT_US),
        ("2026-02-15T15:53:16.123456+01:00", MOMENT_US),
        ("2026-02-15T09:23:16.123456-0530", MOMENT_US),
        ("20260215T145316Z", SECOND_US),
    ],
)
def test_a_text_with_an_offset_is_read_to_the_microsecond(text: str, expected: int) -> None:
    assert to_us(text) == expected


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize("text", ["2026-02-15T15:53:16.123456", "2026-02-15 15:53:16.123456"])
def test_a_text_without_an_offset_is_local_time(text: str) -> None:
    assert to_us(text) == MOMENT_US


@pytest.mark.usefixtures("berlin")
def test_local_time_follows_daylight_saving_time() -> None:
    assert to_us("2026-07-15T12:00:00") == to_us("2026-07-15T10:00:00Z")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1_771_167_196, SECOND_US),
        (1_771_167_196.123456, MOMENT_US),
        (1_771_167_196_123, SECOND_US + 123_000),
        (1_771_167_196_123.456, MOMENT_US),
        (MOMENT_US, MOMENT_US),
        (1_771_167_196_123_456_789, MOMENT_US),
        (1.771167196123456e18, MOMENT_US),
    ],
)
def test_a_number_is_seconds_or_ms_or_us_or_ns_by_its_size(number: float, expected: int) -> None:
    assert to_us(number) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1771167196", SECOND_US),
        ("1771167196.123456", MOMENT_US),
        ("1771167196123", SECOND_US + 123_000),
        ("1771167196123456", MOMENT_US),
        ("1771167196123456789", MOMENT_US),
        ("1.771167196e9", SECOND_US),
    ],
)
def test_a_number_may_be_written_as_text(text: str, expected: int) -> None:
    assert to_us(text) == expected


def test_milliseconds_as_text_are_not_a_date_of_the_year_1712() -> None:
    assert datetime.fromisoformat("1712010112345").year == 1712
    assert to_us("1712010112345") == 1_712_010_112_345_000


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, "", " ", "yesterday", "nan", "inf", "-inf", "1e999", "-5", "9" * 5000,
        "2026-13-45T00:00:00Z",
        "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00",
        "9999-12-31T23:59:59", "1970-01-01T00:00:01Z", "2019-12-31T23:59:59.999999Z", "2099-01-01T00:00:00Z",
        "5138-01-01T00:00:00Z", 0, 1, 1_577_836_799, 1_577_836_799_999, 4_070_908_800, 4_070_908_800_000_000_000,
        -1, -1.5, 1e20, 10**400, float("nan"), float("inf"), float("-inf"), [], {}, ["2026"],
        b"2026", "\udc90", "²²²²²²²²²",
    ],
)  # fmt: skip
def test_anything_but_a_valid_time_is_none(value: object) -> None:
    assert to_us(value) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.from_regex(r"[\d.:TZ+e -]*")))
def test_no_value_raises_and_every_time_can_be_converted(value: object) -> None:
    time_us = to_us(value)
    if time_us is not None:
        assert MIN_TIME_US <= time_us <= now_us() + MAX_AHEAD_US
        assert from_us(time_us).tzinfo is UTC


def test_a_time_may_be_a_day_ahead_of_the_clock() -> None:
    ahead = [now_us() + round(days * 86_400_000_000) for days in (0.99, 1.01)]
    assert list(map(to_us, ahead)) == [ahead[0], None]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 9, 1), timezones=st.just(UTC)))
def test_a_time_survives_formatting_and_parsing(moment: datetime) -> None:
    time_us = to_us(moment.isoformat())
    assert time_us is not None
    assert from_us(time_us) == moment


def test_a_time_is_converted_to_utc() -> None:
    assert from_us(MOMENT_US) == MOMENT
