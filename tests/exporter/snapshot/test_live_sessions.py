"""The tool calls of the last 24 hours, read while the logs grow and compared with the ledger of the exporter."""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

import pytest

from exporter.counting.catalog import TOOL_CALL_DURATION, TOOL_CALLS, TOOL_ERRORS
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.records import Outcome
from exporter.model.sessions import SILENT_US
from exporter.snapshot.figures import sessions
from exporter.snapshot.live_sessions import WALK_US, LiveSessions
from tests.benchmarks.synthetic_logs import older_recorder, recorder, texts
from tests.support.permissions import unprivileged_user
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, call, event, now_us


@pytest.fixture
def now() -> int:
    return now_us()


def outcomes(tracker: LiveSessions) -> dict[tuple[str, str, Outcome], int]:
    return dict(tracker.calls.outcomes)


def in_ledger(
    root: Path, data: Path, now: int
) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int], dict[str, int]]:
    """The counts of the exporter: calls, errors, and calls with a duration."""
    with open_ledger(data, 1000) as ledger:
        Meter([str(root)], ledger, clock=lambda: now).catch_up()
        counters = ledger.state.totals.counters
        calls = {labels: number for (name, labels), number in counters.items() if name == TOOL_CALLS.name}
        errors = {labels: number for (name, labels), number in counters.items() if name == TOOL_ERRORS.name}
        timed = {
            labels[0]: sum(distribution.counts)
            for (name, labels), distribution in ledger.state.totals.distributions.items()
            if name == TOOL_CALL_DURATION.name
        }
        return calls, errors, timed


def write_in_pieces(root: Path, tracker: LiveSessions, rng: random.Random) -> None:
    """Write growing sessions, sometimes half a line at a time, while the tracker reads them."""
    begin = datetime.now(UTC) - timedelta(hours=2)
    contents = texts(100, 400)
    for number, record in enumerate((recorder, older_recorder, recorder)):
        directory = root / f"session-{number}"
        directory.mkdir(parents=True)
        lines = [
            (json.loads(line).get("logged_at") or json.loads(line)["timestamp"], name, line)
            for name, data in record(rng, directory.name, begin, contents, 60).items()
            for line in data.splitlines(keepends=True)
        ]
        for _, name, line in sorted(lines, key=itemgetter(0)):
            half = rng.randrange(len(line))
            with (directory / f"{name}.jsonl").open("a") as log:
                log.write(line[:half])
                log.flush()
                if rng.random() < 0.3:
                    tracker.refresh()
                log.write(line[half:])


def test_the_figures_are_those_of_the_exporter(tmp_path: Path, now: int) -> None:
    root = tmp_path / "sessions"
    tracker, rng = LiveSessions(root, clock=lambda: now), random.Random(4)
    write_in_pieces(root, tracker, rng)
    begin = datetime.now(UTC) - timedelta(hours=1)
    for name, data in recorder(rng, "whole", begin, texts(100, 400), 200).items():
        (root / "whole").mkdir(exist_ok=True)
        (root / "whole" / f"{name}.jsonl").write_text(data)
    tracker.refresh()
    fresh = LiveSessions(root, clock=lambda: now)
    fresh.refresh()
    calls, errors, timed = in_ledger(root, tmp_path / "data", now)
    for each in (fresh, tracker):
        assert outcomes(each) == calls
        assert dict(each.calls.errors) == errors
        assert {tool: len(durations) for tool, durations in each.calls.durations_us.items()} == timed
    assert sum(calls.values()) > 300


def test_the_sessions_of_a_synthetic_history_are_those_of_the_reader(tmp_path: Path) -> None:
    demo = DemoDirectories.under(tmp_path)
    now = now_us()
    write_history(demo, now)
    tracker, reader = LiveSessions(demo.sessions, clock=lambda: now), HooksReader(demo.sessions, clock=lambda: now)
    tracker.refresh(60)
    assert Counter(session["status"] for session in reader.get_all_sessions()) == Counter(
        sessions(tracker.sessions(), now)
    )


def test_durations_are_those_of_the_calls(tmp_path: Path, now: int) -> None:
    for took_ms in (*range(10, 100), 5000, 6000, 7000):
        call(tmp_path, "s", now - MINUTE_US, took_ms=took_ms)
    tracker = LiveSessions(tmp_path)
    tracker.refresh()
    assert tracker.calls.durations_us["Bash"] == [ms * 1000 for ms in (*range(10, 100), 5000, 6000, 7000)]


def test_a_call_is_dropped_24_hours_after_its_end(tmp_path: Path, now: int) -> None:
    call(tmp_path, "s", now - 23 * HOUR_US, error="fatal: no")
    call(tmp_path, "s", now, tool="Read")
    clock = [now]
    tracker = LiveSessions(tmp_path, clock=lambda: clock[0])
    tracker.refresh()
    assert outcomes(tracker) == {("Bash", "main", "error"): 1, ("Read", "main", "success"): 1}
    clock[0] += 2 * HOUR_US
    tracker.refresh()
    assert outcomes(tracker) == {("Read", "main", "success"): 1}
    assert (dict(tracker.calls.errors), tracker.calls.durations_us["Bash"]) == ({}, [])


def test_a_call_that_never_ends_expires_after_a_day_and_counts_for_another(tmp_path: Path, now: int) -> None:
    call(tmp_path, "s", now, took_ms=None)
    clock = [now]
    tracker = LiveSessions(tmp_path, clock=lambda: clock[0])
    for hours, expected in (
        (0, {}),
        (23, {}),
        (25, {("Bash", "main", "unknown"): 1}),
        (47, {("Bash", "main", "unknown"): 1}),
        (49, {}),
    ):
        clock[0] = now + hours * HOUR_US
        tracker.refresh()
        assert outcomes(tracker) == expected, hours


def test_lines_of_one_session_in_several_directories_count_once(tmp_path: Path, now: int) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    call(one, "s", now - MINUTE_US)
    (other / "s").mkdir(parents=True)
    for name in ("pre_tool_use.jsonl", "post_tool_use.jsonl"):
        (other / "s" / name).write_text((one / "s" / name).read_text())
    tracker = LiveSessions(one, [other])
    tracker.refresh()
    assert outcomes(tracker) == {("Bash", "main", "success"): 1}


@pytest.mark.parametrize("step_us", [WALK_US, -HOUR_US])
def test_a_session_that_becomes_active_again_is_found_by_the_next_walk_also_if_the_clock_is_set_back(
    tmp_path: Path, now: int, step_us: int
) -> None:
    call(tmp_path, "s", now - 3 * HOUR_US)
    for log in (tmp_path / "s").iterdir():
        os.utime(log, ns=(0, (now - 3 * HOUR_US) * 1000))
    clock = [now]
    tracker = LiveSessions(tmp_path, clock=lambda: clock[0])
    tracker.refresh()
    call(tmp_path, "s", now)
    tracker.refresh()
    assert sum(outcomes(tracker).values()) == 1
    clock[0] += step_us
    tracker.refresh()
    assert sum(outcomes(tracker).values()) == 2
    assert SILENT_US > WALK_US


def test_a_new_session_is_found_at_once_even_if_its_directory_was_empty(tmp_path: Path, now: int) -> None:
    tracker = LiveSessions(tmp_path)
    tracker.refresh()
    (tmp_path / "s").mkdir()
    tracker.refresh()
    call(tmp_path, "s", now)
    tracker.refresh()
    assert sum(outcomes(tracker).values()) == 1


def test_logs_older_than_two_days_are_not_opened(tmp_path: Path, now: int) -> None:
    call(tmp_path, "s", now - 60 * HOUR_US)
    for log in (tmp_path / "s").iterdir():
        os.utime(log, ns=(0, (now - 50 * HOUR_US) * 1000))
        log.chmod(0)
    tracker = LiveSessions(tmp_path)
    tracker.refresh()
    assert (outcomes(tracker), tracker.unreadable) == ({}, {})


def test_a_rotated_log_is_continued(tmp_path: Path, now: int) -> None:
    tracker = LiveSessions(tmp_path)
    for _ in range(3):
        event(
            tmp_path, "s", "PostToolUse", None, tool_name="Read"
        )  # has nothing by which a repetition could be recognized
        tracker.refresh()
    directory = tmp_path / "s"
    (directory / "post_tool_use.jsonl").rename(directory / "post_tool_use.jsonl.1")
    event(tmp_path, "s", "PostToolUse", None, tool_name="Read")
    tracker.refresh()
    assert outcomes(tracker) == {("Read", "main", "success"): 4}


def test_a_long_read_is_done_in_parts(tmp_path: Path, now: int) -> None:
    for number in range(20):
        call(tmp_path, f"s{number}", now)
    tracker, seen = LiveSessions(tmp_path), []
    while not tracker.complete:
        tracker.refresh(0)
        seen.append(sum(outcomes(tracker).values()))
    assert seen == [*range(1, 21), 20]


def test_a_directory_that_cannot_be_read_is_reported_and_the_others_are_read(now: int) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # other users cannot access tmp_path
        root = Path(directory)
        root.chmod(0o755)
        call(root, "good", now)
        call(root, "bad", now)
        (root / "bad").chmod(0)
        tracker = LiveSessions(root)
        with unprivileged_user():
            tracker.refresh()
        assert list(tracker.unreadable) == [str(root / "bad")]
        assert sum(outcomes(tracker).values()) == 1
        (root / "bad").chmod(0o755)
        tracker.refresh()
        assert tracker.unreadable == {}
        assert sum(outcomes(tracker).values()) == 2
