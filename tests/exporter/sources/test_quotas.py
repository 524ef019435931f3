"""Quotas on the page: the newest word on each window, until the window begins anew."""

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
    """Two directories in which sessions tell of quotas, and the page that is made of them."""

    def __init__(self, directory: Path, meter: Meter) -> None:
        self.directories = [directory / "one", directory / "two"]
        self.meter = meter
        self.now = NOW
        self._pages = Pages(meter)
        meter.clock = lambda: self.now * 1_000_000

    def tell(self, directory: int, seen: float = NOW - 1, **windows: tuple[float, int]) -> None:
        self.directories[directory].mkdir(exist_ok=True)
        told = {
            name: {"used_percentage": used, "resets_at": resets, "seen_at": seen}
            for name, (used, resets) in windows.items()
        }
        (self.directories[directory] / "rate_limits.json").write_text(json.dumps({"windows": told, "sessions": {}}))

    def page(self) -> dict[str, dict[str, float]]:
        """The quotas' samples, by metric and window."""
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


def test_nothing_is_said_of_what_nobody_knows(place: Place) -> None:
    assert place.page() == {}


def test_each_window_has_its_share_its_end_and_when_it_was_seen(place: Place) -> None:
    place.tell(0, seen=NOW - 2.5, five_hour=(42, NOW + 60), seven_day=(12.5, NOW + 600))
    assert place.page() == {
        USED: {"five_hour": 0.42, "seven_day": 0.125},
        "claude_rate_limit_resets_timestamp_seconds": {"five_hour": NOW + 60, "seven_day": NOW + 600},
        "claude_rate_limit_seen_timestamp_seconds": {"five_hour": NOW - 2.5, "seven_day": NOW - 2.5},
    }


def test_a_page_that_was_kept_gives_way_to_what_is_new(place: Place) -> None:
    place.page()
    place.tell(1, five_hour=(42, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.42}
    place.tell(1, five_hour=(43, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.43}
    (place.directories[1] / "rate_limits.json").unlink()
    assert place.page() == {}


def test_a_window_that_has_begun_anew_is_unknown(place: Place) -> None:
    place.tell(0, five_hour=(42, NOW + 60), seven_day=(12.5, NOW + 600))
    place.page()
    place.now = NOW + 60
    assert place.page()[USED] == {"seven_day": 0.125}


def test_of_two_directories_the_newer_word_holds_for_each_window(place: Place) -> None:
    place.tell(0, seen=NOW - 5, five_hour=(50, NOW + 60), seven_day=(10, NOW + 60))
    place.tell(1, seen=NOW - 3, five_hour=(40, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.4, "seven_day": 0.1}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"windows": {"five_hour": {"used_percentage": "x"}}}'])
def test_a_damaged_file_says_nothing_and_is_told_of_once(
    place: Place, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    place.tell(0, five_hour=(42, NOW + 60))
    (place.directories[0] / "rate_limits.json").write_text(text)
    assert place.page() == place.page() == {}
    (message,) = caplog.messages
    assert str(place.directories[0] / "rate_limits.json") in message
    place.tell(0, five_hour=(42, NOW + 60))
    assert place.page()[USED] == {"five_hour": 0.42}
