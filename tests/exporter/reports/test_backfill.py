"""The history of logs and transcripts: equal to the live numbers, with a sample wherever queries need one."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from exporter.commands.backfill import CREATE_BLOCKS
from exporter.reports.backfill import DAY_US
from tests.exporter.reports.histories import (
    final,
    history_of,
    increases,
    live,
    parsed,
    synthetic_week,
    text_of,
)
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, append, call, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call

CALLS = "claude_tool_calls_total", (("agent", "main"), ("outcome", "success"), ("tool", "Bash"))
EXPIRED = "claude_tool_calls_total", (("agent", "main"), ("outcome", "unknown"), ("tool", "Bash"))


def test_the_last_values_are_those_of_the_live_exporter(tmp_path: Path, now: int) -> None:
    root = synthetic_week(tmp_path / "sessions", now)
    history = {key: value for key, value in final(history_of(root, now)).items() if not key[0].endswith("_bucket")}
    assert history == live(root, tmp_path / "data", now)
    assert sum(value for (name, _), value in history.items() if name == "claude_tool_calls_total") > 5000
    assert sum(value for (name, _), value in history.items() if name == "claude_cost_usd_total") > 10


@pytest.mark.parametrize("seed", range(5))
def test_every_sample_is_the_number_of_calls_up_to_its_time(tmp_path: Path, seed: int, now: int) -> None:
    rng, start_us = random.Random(seed), (now - 2 * DAY_US) // MINUTE_US * MINUTE_US
    ends = []
    for number in range(60):
        at_us, took_ms = start_us + rng.randrange(3 * HOUR_US), rng.randrange(1, 200_000)
        call(tmp_path / "sessions", f"s{number}", at_us, took_ms=took_ms)
        ends.append(at_us + took_ms * 1000)
    (samples,) = (
        samples
        for (name, labels), samples in history_of(tmp_path / "sessions", now).items()
        if name == "claude_tool_calls_total" and ("outcome", "success") in labels
    )
    assert samples == sorted(set(samples))
    assert all(value == sum(end <= second * SECOND_US for end in ends) for second, value in samples)


def test_an_increase_has_a_sample_before_it(tmp_path: Path) -> None:
    at = 20_000 * DAY_US
    for minutes in (0, 0, 1, 30):
        call(tmp_path, "s", at + minutes * MINUTE_US + SECOND_US)
    samples = history_of(tmp_path, at + 31 * MINUTE_US)[CALLS]
    assert [((second * SECOND_US - at) // MINUTE_US, value) for second, value in samples] == [
        (0, 0), (1, 2), (2, 3), (30, 3), (31, 4),
    ]  # fmt: skip


def test_a_series_has_a_sample_every_midnight_and_at_the_end(tmp_path: Path) -> None:
    at = 20_000 * DAY_US
    for hours in (1, 50):
        call(tmp_path, "s", at + hours * HOUR_US - MINUTE_US // 2)
    samples = history_of(tmp_path, at + 73 * HOUR_US + SECOND_US)[CALLS]
    minute = 1 / 60
    assert [(round((second * SECOND_US - at) / HOUR_US, 2), value) for second, value in samples] == [
        (round(1 - minute, 2), 0), (1, 1), (24, 1), (48, 1), (round(50 - minute, 2), 1), (50, 2), (72, 2), (73, 2),
    ]  # fmt: skip


def test_a_series_that_is_younger_than_the_history_is_0_at_its_end(tmp_path: Path) -> None:
    at = 20_000 * DAY_US
    call(tmp_path, "s", at + HOUR_US, tool="Read")
    call(tmp_path, "s", at)
    history = history_of(tmp_path, at + HOUR_US)
    later = {key: samples for key, samples in history.items() if ("tool", "Read") in key[1]}
    assert {name for name, _ in later} >= {"claude_tool_calls_total", "claude_tool_call_duration_seconds_bucket"}
    assert all(samples == [((at + HOUR_US) // SECOND_US, 0)] for samples in later.values())


def test_the_last_three_hours_are_excluded(home: Home, now: int) -> None:
    for minutes in range(0, 400, 7):
        call(home.sessions, f"s{minutes}", now - minutes * MINUTE_US)
    assert home.run("backfill").returncode == 0
    series = parsed(text_of(home))
    newest = max(samples[-1][0] for samples in series.values())
    assert now // SECOND_US - 3 * 3600 - 480 < newest <= now_us() // SECOND_US - 3 * 3600


def test_where_everything_is_later_there_is_nothing_to_load(home: Home, now: int) -> None:
    call(home.sessions, "s", now - HOUR_US)
    for output in ("history.om", "-"):
        result = home.run("backfill", "--output", output)
        note = result.stderr or result.stdout
        assert (result.returncode, note.count("\n")) == (0, 1)
        assert " has no change before " in note
        assert note.endswith(", where the history ends; Prometheus scrapes what is later.\n")


@pytest.mark.parametrize(("output", "name"), [("history.om", "history.om"), ("-", "standard output")])
def test_without_any_history_it_says_where_none_is(home: Home, output: str, name: str) -> None:
    result = home.run("backfill", "--output", output)
    note = result.stderr or result.stdout
    assert (result.returncode, note.count("\n")) == (0, 1)
    assert f"There is no history in {home.sessions}" in note
    assert note.endswith(f": {name} is empty.\n")


def test_a_call_that_never_ended_expires_after_24_hours(tmp_path: Path, now: int) -> None:
    call(tmp_path, "s", now - 3 * DAY_US, took_ms=None)
    call(tmp_path, "still open", now - 5 * HOUR_US, took_ms=None)
    ((second, value),) = increases(history_of(tmp_path, now)[EXPIRED])
    assert value == 1
    assert 0 <= second - (now - 2 * DAY_US) // SECOND_US <= 60


def test_lines_without_a_time_have_the_mtime_of_their_file(home: Home) -> None:
    path = append(home.sessions / "s" / "post_tool_use.jsonl", '{"tool":"Bash","success":true}')
    at = now_us() // SECOND_US - 7 * 3600
    os.utime(path, (at, at))
    result = home.run("backfill")
    assert "Without a timestamp: 1 line, " in result.stdout
    key = "claude_tool_calls_total", ("Bash", "main", "success")
    series = parsed(text_of(home))
    (samples,) = (s for (name, labels), s in series.items() if name == key[0] and ("tool", "Bash") in labels)
    assert 0 <= increases(samples)[-1][0] - at <= 60


def test_lines_of_a_transcript_without_a_time_have_the_mtime_of_their_file(home: Home, now: int) -> None:
    projects = home.path / ".claude" / "projects"
    transcript_call(projects, "s", now - DAY_US)
    path = transcript(projects, "s")
    path.write_text(re.sub(r'"timestamp":"[^"]*",', "", path.read_text()))
    at = now // SECOND_US - 7 * 3600
    os.utime(path, (at, at))
    result = home.run("backfill")
    assert "Without a timestamp: 2 lines, " in result.stdout
    history = parsed(text_of(home))
    assert {"claude_sessions_started_total", "claude_tool_calls_total"} <= {name for name, _ in history}
    assert all(abs(second - at) <= 60 for samples in history.values() for second, _ in increases(samples))


def test_label_values_beyond_the_limit_are_other(tmp_path: Path, now: int) -> None:
    for number, tool in enumerate("abcde"):
        call(tmp_path, "s", now - DAY_US + number * MINUTE_US, tool=tool)
    named = Counter(
        dict(labels)["tool"]
        for name, labels in history_of(tmp_path, now, limit=2)
        if name in {"claude_tool_calls_total", "claude_tool_call_duration_seconds_count"}
    )
    assert named == {"a": 2, "b": 2, "other": 2}


def test_a_file_that_cannot_be_read_is_reported_and_all_others_are_read(home: Home, now: int) -> None:
    call(home.sessions, "good", now - DAY_US)
    call(home.sessions, "bad", now - DAY_US)
    (home.sessions / "bad" / "events.jsonl").symlink_to("/proc/self/mem")
    (home.path / "loop").symlink_to(home.sessions / "nowhere")
    result = home.run("backfill")
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert "cannot be read" in line
    assert "missing from the history" in line
    series = final(parsed(text_of(home)))
    assert [value for (name, _), value in series.items() if name == "claude_tool_calls_total"] == [2]


def test_an_old_history_comes_with_a_note_on_retention(home: Home, now: int) -> None:
    call(home.sessions, "s", now - 40 * DAY_US)
    assert "It goes back 40 days" in home.run("backfill").stdout


def test_the_command_prints_no_progress_without_a_terminal(home: Home, now: int) -> None:
    call(home.sessions, "s", now - DAY_US)
    result = home.run("backfill", "--output", "elsewhere.om")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1] == f"  {CREATE_BLOCKS} elsewhere.om PROMETHEUS_DATA"
    assert parsed((home.path / "elsewhere.om").read_text())


def test_standard_output_has_the_history_and_nothing_else(home: Home, now: int) -> None:
    call(home.sessions, "s", now - DAY_US)
    result = home.run("backfill", "--output", "-")
    assert result.returncode == 0
    assert parsed(result.stdout)
    assert re.fullmatch(r"hookmeter: the history goes from \S+ \S+ to \S+ \S+\n", result.stderr)


def test_series_have_the_labels_of_the_live_ones(home: Home, now: int) -> None:
    call(home.sessions, "s", now - DAY_US)
    in_container = home.with_variables(HOOKMETER_METRICS_LISTEN="0.0.0.0:19464", HOOKMETER_INSTANCE="exporter:19464")
    target = {"instance": "exporter:19464", "job": "agents", "host": "build-07", "team": "a=b"}
    given = ("--job", "agents", "--label", "host=build-07", "--label", "team=a=b")
    assert in_container.run("backfill", *given).returncode == 0
    found = [{name: value for name, value in labels if name in target} for _, labels in parsed(text_of(home))]
    assert found == [target] * len(found)
    assert found
