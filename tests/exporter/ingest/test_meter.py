"""The meter on files that shrink, rotate, vanish and reappear: every line counts once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from exporter.counting.catalog import (
    LABEL_OVERFLOW,
    SESSION_DURATION,
    SESSIONS_STARTED,
    TOOL_CALL_DURATION,
)
from exporter.ingest.meter import Meter
from exporter.ledger.failures import LedgerWriteError
from exporter.ledger.opening import open_ledger
from tests.exporter.ingest.metered_logs import NOON, SESSION, Clock, append, calls, end, line, lines, start
from tests.support.full_disk import full_disk


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


def test_a_call_is_counted_once_its_end_is_written(meter: Meter, logs: Path) -> None:
    append(logs / "pre_tool_use.jsonl", start(1))
    meter.catch_up()
    assert calls(meter.ledger) == 0
    assert meter.ledger.state.open_tools[SESSION]["Bash"] == 1
    append(logs / "post_tool_use.jsonl", end(1))
    meter.catch_up()
    assert calls(meter.ledger) == 1
    assert SESSION not in meter.ledger.state.open_tools
    assert meter.ledger.state.totals.distributions[TOOL_CALL_DURATION.name, ("Bash",)].sum == 250_000


def test_a_file_that_shrinks_is_read_from_its_start_and_repeated_lines_are_duplicates(meter: Meter, logs: Path) -> None:
    log = logs / "post_tool_use.jsonl"
    append(log, *(end(n) for n in range(10)))
    meter.catch_up()
    log.write_text(end(3) + end(77))
    meter.catch_up()
    assert calls(meter.ledger) == 11
    assert lines(meter.ledger, "post_tool_use", "duplicate") == 1


def test_a_rotated_file_is_continued_under_its_new_name(meter: Meter, logs: Path) -> None:
    log = logs / "post_tool_use.jsonl"
    append(log, end(1), end(2))
    meter.catch_up()
    append(log, end(3))
    log.rename(logs / "post_tool_use.jsonl.1")
    append(log, end(4))
    meter.catch_up()
    assert calls(meter.ledger) == 4
    assert lines(meter.ledger, "post_tool_use", "duplicate") == 0


def test_a_file_that_was_copied_over_itself_counts_nothing_twice(meter: Meter, logs: Path) -> None:
    log = logs / "post_tool_use.jsonl"
    append(log, end(1), end(2))
    meter.catch_up()
    shutil.copy(log, logs / "copy")
    (logs / "copy").replace(log)
    append(log, end(3))
    meter.catch_up()
    assert calls(meter.ledger) == 3
    assert lines(meter.ledger, "post_tool_use", "duplicate") == 0


def test_totals_do_not_change_when_logs_vanish_and_reappear(meter: Meter, logs: Path, tmp_path: Path) -> None:
    append(logs / "post_tool_use.jsonl", end(1), end(2))
    meter.catch_up()
    logs.rename(tmp_path / "away")
    meter.catch_up()
    assert calls(meter.ledger) == 2
    (tmp_path / "away").rename(logs)
    meter.catch_up()
    assert calls(meter.ledger) == 2


def test_a_session_in_two_directories_counts_once(meter: Meter, logs: Path, tmp_path: Path) -> None:
    append(logs / "post_tool_use.jsonl", end(1), end(2))
    shutil.copytree(logs, tmp_path / "more" / SESSION)
    append(tmp_path / "more" / SESSION / "post_tool_use.jsonl", end(3))
    meter.catch_up()
    assert calls(meter.ledger) == 3
    assert meter.ledger.state.totals.counters[SESSIONS_STARTED.name, ("shop",)] == 1


def test_a_call_is_unknown_after_24_hours_and_a_later_end_changes_nothing(
    meter: Meter, logs: Path, clock: Clock
) -> None:
    append(logs / "pre_tool_use.jsonl", start(1))
    meter.catch_up()
    clock.now = NOON + timedelta(hours=23, minutes=59)
    meter.catch_up()
    assert calls(meter.ledger, "unknown") == 0
    clock.now = NOON + timedelta(hours=24, seconds=1)
    meter.catch_up()
    append(logs / "post_tool_use.jsonl", end(1))
    meter.catch_up()
    assert (calls(meter.ledger, "unknown"), calls(meter.ledger)) == (1, 0)


def test_a_session_without_a_session_end_ends_after_24_hours_of_silence(meter: Meter, logs: Path, clock: Clock) -> None:
    append(logs / "pre_tool_use.jsonl", start(1))
    append(logs / "post_tool_use.jsonl", line(1, second=90, event="PostToolUse"))
    meter.catch_up()
    assert (SESSION_DURATION.name, ()) not in meter.ledger.state.totals.distributions
    clock.now = NOON + timedelta(hours=24, minutes=2)
    meter.catch_up()
    meter.catch_up()
    assert meter.ledger.state.totals.distributions[SESSION_DURATION.name, ()].sum == 90_000_000
    assert sum(meter.ledger.state.totals.distributions[SESSION_DURATION.name, ()].counts) == 1


def test_a_resumed_session_counts_again_from_its_resumption(meter: Meter, logs: Path) -> None:
    append(
        logs / "events.jsonl",
        line(0, event="SessionStart", source="startup"),
        line(0, second=60, event="SessionEnd"),
        line(0, second=600, event="SessionStart", source="resume"),
        line(0, second=610, event="SessionEnd"),
    )
    meter.catch_up()
    assert meter.ledger.state.totals.distributions[SESSION_DURATION.name, ()].sum == 70_000_000


def test_label_values_beyond_the_limit_count_as_other_after_a_restart_too(
    tmp_path: Path, logs: Path, clock: Clock
) -> None:
    tools = [f"tool-{n}" for n in range(5)]
    append(logs / "post_tool_use.jsonl", *(end(n, tool_name=tool) for n, tool in enumerate(tools)))
    for _ in range(2):
        with open_ledger(tmp_path / "data", 3) as ledger:
            Meter([str(tmp_path / "sessions")], ledger, clock).catch_up()
            kept = [tool for tool in (*tools, "other") if calls(ledger, tool=tool)]
            assert kept == ["tool-0", "tool-1", "tool-2", "other"]
            assert ledger.state.totals.counters[LABEL_OVERFLOW.name, ("tool",)] == 2


def test_a_batch_that_cannot_be_written_is_counted_later_exactly_once(meter: Meter, logs: Path) -> None:
    append(logs / "post_tool_use.jsonl", end(1))
    with full_disk(), pytest.raises(LedgerWriteError, match="disk I/O error"):
        meter.catch_up()
    assert (calls(meter.ledger), meter.ledger.state.write_errors) == (0, 1)
    assert meter.behind_since_us is not None
    meter.catch_up()
    assert (calls(meter.ledger), meter.ledger.state.write_errors) == (1, 1)
    assert meter.lag_us() == 0


def test_a_call_that_is_too_old_expires_in_the_refresh_that_reads_it(meter: Meter, logs: Path, clock: Clock) -> None:
    append(logs / "pre_tool_use.jsonl", start(1))
    clock.now = NOON + timedelta(days=3)
    meter.catch_up()
    assert calls(meter.ledger, "unknown") == 1
    assert meter.ledger.state.open_tools == {}


def test_a_whole_line_after_a_torn_one_is_counted_even_if_it_names_no_session(meter: Meter, logs: Path) -> None:
    whole = '{"timestamp": "2026-11-22T12:00:00Z", "tool": "Bash", "has_error": false, "duration_ms": 5}\n'
    append(logs / "post_tool_use.jsonl", '{"timestamp": "2026-11-22T11:', whole)
    meter.catch_up()
    assert calls(meter.ledger) == 1
    assert lines(meter.ledger, "post_tool_use", "malformed") == 1
    assert meter.ledger.state.sessions.keys() == {SESSION}


def test_nothing_is_read_again_when_nothing_is_new(meter: Meter, logs: Path) -> None:
    append(logs / "post_tool_use.jsonl", end(1))
    meter.catch_up()
    changes = meter.changes
    os.utime(logs)
    meter.catch_up()
    assert meter.changes == changes
