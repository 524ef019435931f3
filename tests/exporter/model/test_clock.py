"""Times and durations in output."""

from exporter.model.clock import iso, iso_or_none, milliseconds

TIME_US = 1_790_000_000_250_000


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    assert iso(TIME_US) == iso_or_none(TIME_US) == "2026-09-21T14:13:20.250000+00:00"


def test_an_unknown_time_and_an_unknown_duration_stay_unknown() -> None:
    assert iso_or_none(None) is None
    assert milliseconds(None) is None


def test_a_duration_is_given_in_milliseconds() -> None:
    assert milliseconds(1_500) == 1.5
