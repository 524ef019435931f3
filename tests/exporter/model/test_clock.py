"""Moments as people and JSON read them."""

from exporter.model.clock import iso, iso_or_none, milliseconds

MOMENT_US = 1_790_000_000_250_000


def test_a_moment_is_written_in_utc_with_its_microseconds() -> None:
    assert iso(MOMENT_US) == iso_or_none(MOMENT_US) == "2026-09-21T14:13:20.250000+00:00"


def test_an_unknown_moment_and_an_unknown_duration_stay_unknown() -> None:
    assert iso_or_none(None) is None
    assert milliseconds(None) is None


def test_a_duration_is_given_in_milliseconds() -> None:
    assert milliseconds(1_500) == 1.5
