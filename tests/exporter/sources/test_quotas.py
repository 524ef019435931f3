"""Quotas on the metrics page: the newest report of each window, until the window resets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.serving.pages import TEXT, Pages
from tests.support.page import samples_of

NOW = 1_795_000_000
USED = "claude_rate_limit_used_ratio"


class Place:
    """Two directories in which sessions report quotas, and the metrics page of them."""

    def __init__(self, directory: Path, meter: Meter) -> None:
        self.directories = [directory / "one", directory / "two"]
        self.meter = meter
        self.now = NOW
        self._pages = Pages(meter)
        meter.clock = lambda: self.now * 1_000_000

    def report(self, directory: int, seen: float = NOW - 1, **windows: tuple[float, int]) -> None:
        self.directories[directory].mkdir(exist_ok=True)
        windows_json = {
            name: {"used_percentage": used, "resets_at": resets, "seen_at": seen}
            for name, (used, resets) in windows.items()
        }
        (self.directories[directory] / "rate_limits.json").write_text(
            json.dumps({"windows": windows_json, "sessions": {}})
        )

    def page(self) -> dict[str, dict[str, float]]:
        """The samples of quotas, by metric and window."""
        self.meter.catch_up()
        found: dict[str, dict[str, float]] = {}
        for (name, labels), value in samples_of(self._pages.page(TEXT).plain.decode()).items():
            if name.startswith("claude_rate_limit_"):
                found.setdefault(name, {})[dict(labels)["window"]] = value
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_ledger(tmp_path / "data", 10) as ledger:
        yield Place(tmp_path, Meter([str(tmp_path / "one"), str(tmp_path / "two")], ledger, lambda: NOW * 1_000_000))


def test_unknown_quotas_have_no_samples(place: Place) -> None:
    assert place.page() == {}


def test_each_window_has_its_usage_its_reset_and_the_time_of_the_report(place: Place) -> None:
    place.report(0, seen=NOW - 2.5, five_hour=(42, NOW + 60), seven_day=(12.5, NOW + 600))
    assert place.page() == {
        USED: {"five_hour": 0.42, "seven_day": 0.125},
        "claude_rate_limit_resets_timestamp_seconds": {"five_hour": NOW + 60, "seven_day": NOW + 600},
        "claude_rate_limit_seen_timestamp_seconds": {"five_hour": NOW - 2.5, "seven_day": NOW - 2.5},
    }


def test_a_cached_page_is_replaced_when_a_quota_changes(place: Place) -> None:
    place.page()
    place.report(1, five_hour=(42, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.42}
    place.report(1, five_hour=(43, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.43}
    (place.directories[1] / "rate_limits.json").unlink()
    assert place.page() == {}


def test_a_report_of_the_future_is_unknown(place: Place) -> None:
    place.report(0, seen=NOW + 90_000, five_hour=(50, NOW + 600))
    assert place.page() == {}
    place.report(1, five_hour=(42, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.42}


def test_a_window_that_has_reset_is_unknown(place: Place) -> None:
    place.report(0, five_hour=(42, NOW + 60), seven_day=(12.5, NOW + 600))
    place.page()
    place.now = NOW + 60
    assert place.page()[USED] == {"seven_day": 0.125}


def test_the_newer_report_of_two_directories_is_valid_for_each_window(place: Place) -> None:
    place.report(0, seen=NOW - 5, five_hour=(50, NOW + 60), seven_day=(10, NOW + 60))
    place.report(1, seen=NOW - 3, five_hour=(40, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.4, "seven_day": 0.1}


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"{}", b'{"windows": {"\xff": 3}}', b'{"x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"windows": {"five_hour": {"used_percentage": "x"}}}',
        b'{"windows": {"five_hour": {"used_percentage": 1, "resets_at": 1e308, "seen_at": 1}}}',
    ],
)  # fmt: skip
def test_a_damaged_file_counts_as_empty_and_is_logged_once(
    place: Place, caplog: pytest.LogCaptureFixture, text: bytes
) -> None:
    place.report(0, five_hour=(42, NOW + 60))
    (place.directories[0] / "rate_limits.json").write_bytes(text)
    assert place.page() == place.page() == {}
    (message,) = caplog.messages
    assert str(place.directories[0] / "rate_limits.json") in message
    place.report(0, five_hour=(42, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.42}


def test_an_invalid_window_costs_only_itself(place: Place) -> None:
    place.report(0, five_hour=(1, 10**308), seven_day=(12.5, NOW + 600))
    assert place.page()[USED] == {"seven_day": 0.125}
