"""A running exporter compresses old hook logs, and exports how many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporter.ingest.old_logs import OldLogs
from exporter.serving.log_keeper import LogKeeper
from exporter.serving.run import exporter
from exporter.serving.service import Service
from exporter.settings import Settings
from exporter.web.listen_address import ListenAddress
from tests.e2e.processes import wait_for
from tests.exporter.ingest.old_logs_place import KEEP_SECONDS, OldPlace
from tests.support.page import Samples, fetch, sample, samples_of


@contextmanager
def serving(place: OldPlace, keep_logs_seconds: int = 0) -> Iterator[tuple[Callable[[], Samples], Service]]:
    """The page of a running exporter that has counted everything, and its service."""
    listen = ListenAddress("127.0.0.1", 0)
    given = Settings((place.logs,), place.directory / "data", listen, None, 200, keep_logs_seconds=keep_logs_seconds)
    with exporter(given) as (server, service):
        thread = server.start_in_thread()
        assert service.wait_until_ready(60)
        yield lambda: samples_of(fetch(f"http://{server.address}/metrics")), service
        server.stop()
        thread.join()


@contextmanager
def keeping(service: Service) -> Iterator[None]:
    keeper = LogKeeper(service, OldLogs(service.between_readings, KEEP_SECONDS, settle_seconds=0))
    keeper.start()
    yield
    keeper.stop()


def rotated(place: OldPlace) -> list[Path]:
    return [path.rename(f"{path}.1") for path in place.files("*.jsonl")]


def test_counted_logs_are_compressed_while_the_page_stays_the_same(tmp_path: Path) -> None:
    place = OldPlace(tmp_path / "place")
    number, compressed = len(rotated(place)), sample("hookmeter_old_logs_total", result="compressed")
    with serving(place) as (page, service):
        before = page()
        with keeping(service):
            wait_for(lambda: page().get(compressed) == number, "compressed logs")
        after = page()
    assert len(place.files("*.gz")) == number
    for key, value in place.agents.expected().items():
        assert before[key] == after[key] == value


def test_logs_are_renamed_at_first_and_compressed_later(tmp_path: Path) -> None:
    place = OldPlace(tmp_path / "place")
    with serving(place, KEEP_SECONDS):
        wait_for(lambda: not place.files("*.jsonl"), "new names")
    assert {path.suffix for path in place.files("*")} == {".1"}


def test_what_cannot_be_compressed_is_logged_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = OldPlace(tmp_path / "place")
    linked = rotated(place)[0]
    os.link(linked, tmp_path / "another name")
    with serving(place) as (page, service), keeping(service):
        wait_for(lambda: str(linked.parent) in caplog.text, "a log line")
        assert page()[sample("hookmeter_old_logs_total", result="failed")] == 1
    assert "kept as they are" in caplog.text
    assert linked.exists()
