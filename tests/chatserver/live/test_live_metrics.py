"""Snapshots are read without an effect on streams, and published once to those who see the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.live.broadcast import Broadcaster
from chatserver.live.live_metrics import LiveMetrics
from chatserver.live.sse import Frame
from exporter import metrics as aggregation
from exporter.hooks_reader import HooksReader
from exporter.metrics import MetricsAggregator
from exporter.snapshot.live_sessions import LiveSessions
from tests.chatserver.live.app import Tasks


class Recorder(Broadcaster):
    """Notes what is published."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []

    def publish(self, message: Frame, audience: str = "") -> None:
        self.sent.append((audience, message.message_id))


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


@pytest.fixture
def live(tasks: Tasks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveMetrics]:
    monkeypatch.setattr(aggregation, "CACHE_SECONDS", 0)
    aggregator = MetricsAggregator(tasks, LiveSessions(tmp_path), HooksReader(tmp_path))
    live = LiveMetrics(aggregator, Recorder(), sessions_of=lambda _: frozenset())
    yield live
    live.close()


def sent(live: LiveMetrics) -> list[tuple[str, str]]:
    assert isinstance(live.broadcaster, Recorder)
    return live.broadcaster.sent


def test_to_read_a_snapshot_publishes_nothing(live: LiveMetrics, tasks: Tasks) -> None:
    first = live.read_snapshot()
    tasks.numbers["running"] = 3
    second = live.read_snapshot()
    assert b'"active_tasks":3' in second.body
    assert first.snapshot_id != second.snapshot_id
    assert sent(live) == []


def test_what_has_changed_is_published_once(live: LiveMetrics, tasks: Tasks) -> None:
    (first,) = {live.publish_snapshot() for _ in range(2)}
    tasks.numbers["running"] = 3
    live.read_snapshot()
    (second,) = {live.publish_snapshot() for _ in range(2)}
    assert sent(live) == [("", first.snapshot_id), ("", second.snapshot_id)]


def test_admins_are_one_audience_and_every_other_user_is_one(live: LiveMetrics) -> None:
    for viewer in (LOCAL_ADMIN, Viewer("root", is_admin=True), Viewer("ann"), Viewer("bob")):
        live.publish_snapshot(viewer)
    assert [audience for audience, _ in sent(live)] == ["", "ann", "bob"]
