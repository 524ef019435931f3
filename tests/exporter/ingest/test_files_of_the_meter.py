"""Files that are read in parts, cannot be read, or have odd names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from exporter.counting.catalog import (
    TOOL_CALL_DURATION,
)
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.exporter.ingest.metered_logs import SESSION, Clock, append, calls, end, line, lines, start


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    directory = tmp_path / "sessions" / SESSION
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def meter(tmp_path: Path, clock: Clock) -> Iterator[Meter]:
    with open_ledger(tmp_path / "data", 3) as ledger:
        yield Meter([str(tmp_path / "sessions"), str(tmp_path / "more")], ledger, clock)


def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read(
    meter: Meter, logs: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (logs / "pre_tool_use.jsonl").symlink_to("/proc/self/mem")  # opens, but fails to be read at its start
    other = tmp_path / "sessions" / "other"
    other.mkdir()
    append(other / "post_tool_use.jsonl", end(1, session_id="other"))
    meter.catch_up()
    assert calls(meter.ledger) == 1
    assert len(meter.unreadable) == 1
    assert "cannot be read" in caplog.text
    (logs / "pre_tool_use.jsonl").unlink()
    meter.catch_up()
    assert meter.unreadable == {}


def test_large_files_are_read_in_parts_and_no_end_is_read_before_its_start(
    meter: Meter, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.lines.CHUNK_BYTES", 2048)
    monkeypatch.setattr("exporter.ingest.batch_writer.BATCH_BYTES", 3000)
    for n in range(200):
        append(logs / "pre_tool_use.jsonl", start(n, second=n, tool_input={"long": "x" * 100}))
        append(logs / "post_tool_use.jsonl", line(n, second=n + 0.5, event="PostToolUse"))
        append(logs / "events.jsonl", line(n, second=n + 0.75, event="Stop"))
    meter.catch_up()
    assert calls(meter.ledger) == 200
    assert meter.ledger.state.totals.distributions[TOOL_CALL_DURATION.name, ("Bash",)].sum == 200 * 500_000


def test_a_partly_read_file_is_continued_after_a_restart(
    tmp_path: Path, logs: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.lines.CHUNK_BYTES", 2048)
    monkeypatch.setattr("exporter.ingest.batch_writer.BATCH_BYTES", 3000)
    append(logs / "post_tool_use.jsonl", *(end(n) for n in range(100)))
    with open_ledger(tmp_path / "data", 3) as ledger:
        assert next(Meter([str(tmp_path / "sessions")], ledger, clock).refresh())
        assert 0 < calls(ledger) < 100
    with open_ledger(tmp_path / "data", 3) as ledger:
        Meter([str(tmp_path / "sessions")], ledger, clock).catch_up()
        assert calls(ledger) == 100
        assert lines(ledger, "post_tool_use", "duplicate") == 0


def test_a_stop_in_one_directory_ends_a_call_in_another_in_any_order_of_roots(
    tmp_path: Path, logs: Path, clock: Clock
) -> None:
    other = tmp_path / "more" / SESSION
    other.mkdir(parents=True)
    append(logs / "events.jsonl", line(1, second=5, event="Stop"))
    append(other / "pre_tool_use.jsonl", start(1))
    clock.now += timedelta(hours=1)
    for number, roots in enumerate((("sessions", "more"), ("more", "sessions"))):
        with open_ledger(tmp_path / f"data-{number}", 200) as ledger:
            Meter([str(tmp_path / root) for root in roots], ledger, clock).catch_up()
            assert calls(ledger, "unknown") == 1


def test_a_directory_whose_name_is_invalid_utf_8_is_a_session_like_any_other(tmp_path: Path, meter: Meter) -> None:
    directory = tmp_path / "sessions" / os.fsdecode(b"bad\xff")
    directory.mkdir(parents=True)
    append(directory / "post_tool_use.jsonl", '{"tool_name": "Bash", "duration_ms": 5}\n')
    meter.catch_up()
    meter.catch_up()
    assert calls(meter.ledger) == 1
    assert "bad\\udcff" in meter.ledger.state.sessions
