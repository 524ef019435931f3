"""Quotas that Claude Code reports to tasks, from its output to the exporter's metrics page."""

from __future__ import annotations

import json
import time

import pytest

from chatserver.tasks.records import TaskStatus
from exporter.hooks.hookmeter_statusline import store_windows
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.serving.pages import TEXT, Pages
from tests.chatserver.tasks.place import Place, ask, ended
from tests.fakes import claude
from tests.support.page import Samples, sample, samples_of


def page(place: Place) -> Samples:
    """The exporter's metrics."""
    with open_ledger(place.directory / "ledger", 10) as ledger:
        meter = Meter([str(place.sessions)], ledger)
        meter.catch_up()
        return samples_of(Pages(meter).page(TEXT).plain.decode())


def used(place: Place) -> dict[str, float]:
    return {window: page(place)[sample("claude_rate_limit_used_ratio", window=window)] for window in stored(place)}


def stored(place: Place) -> dict[str, dict[str, float]]:
    windows: dict[str, dict[str, float]] = json.loads((place.sessions / "rate_limits.json").read_text())["windows"]
    return windows


def test_quotas_reach_the_metrics(place: Place) -> None:
    manager, _ = place.server()
    before = time.time()
    assert ended(manager, ask(manager, "quotas five_hour=0.42 seven_day=0.13")).status is TaskStatus.COMPLETED
    assert used(place) == {"five_hour": 0.42, "seven_day": 0.13}
    resets = page(place)[sample("claude_rate_limit_resets_timestamp_seconds", window="five_hour")]
    seen = page(place)[sample("claude_rate_limit_seen_timestamp_seconds", window="seven_day")]
    assert (resets, before <= seen <= time.time()) == (claude.RESETS_AT, True)


def test_the_newest_report_of_tasks_and_status_lines_is_valid(place: Place) -> None:
    manager, _ = place.server()
    windows = {"five_hour": {"used_percentage": 10.0, "resets_at": claude.RESETS_AT}}
    store_windows(str(place.sessions), windows, "terminal")
    ended(manager, ask(manager, "quotas five_hour=0.42", "quotas five_hour=0.43"))
    store_windows(str(place.sessions), windows, "terminal")  # repeats what it reported before
    assert used(place) == {"five_hour": 0.43}
    ended(manager, ask(manager, "quotas five_hour=0.43 seven_day=0.13"))
    assert used(place) == {"five_hour": 0.43, "seven_day": 0.13}


def test_tasks_leave_room_for_the_sessions_whose_status_lines_repeat_themselves(place: Place) -> None:
    manager, _ = place.server()
    store_windows(str(place.sessions), {"five_hour": {"used_percentage": 10.0, "resets_at": 7}}, "terminal")
    ended(manager, ask(manager, "quotas five_hour=0.42"))
    assert set(json.loads((place.sessions / "rate_limits.json").read_text())["sessions"]) == {"terminal"}


def test_a_directory_that_cannot_be_written_costs_the_quotas_only(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.sessions.write_text("no directory")
    manager, _ = place.server()
    assert ended(manager, ask(manager, "quotas five_hour=0.42")).status is TaskStatus.COMPLETED
    (message,) = [record.message for record in caplog.records if "quotas" in record.message]
    assert str(place.sessions) in message
