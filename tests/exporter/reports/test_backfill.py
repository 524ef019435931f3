"""The backfill: equal to the live numbers, accepted by promtool, and queried in a real Prometheus."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from exporter.counting.catalog import (
    METRICS,
)
from exporter.counting.catalog import Counter as Tally
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.ingest.follow import session_groups
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.prices.table import load_prices
from exporter.reports.backfill import History, openmetrics
from exporter.reports.costs import Messages, transcript_directories
from exporter.sources.session_transcripts import transcript_paths
from tests.exporter.reports.histories import DAY_US, Series, parsed, text_of
from tests.support.hookmeter_process import Home
from tests.support.page import Samples, samples_of
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, append, call, event, iso, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_end, transcript_prompt


def readable(_directory: str, error: OSError | None) -> None:
    assert error is None


def history_of(root: Path, until_us: int, limit: int = 200) -> dict[Series, list[tuple[int, float]]]:
    history = History(limit)
    for group in session_groups([str(root)], transcripts=transcript_paths([str(transcripts_of(root))], readable)):
        history.add_logs(group, readable)
    messages = Messages(load_prices())
    messages.read_projects(transcript_directories([str(transcripts_of(root))]), times=history.project_times())
    history.add_messages(messages.all())
    history.add_api_events(messages.api_events())
    history.finish(until_us, messages.labels)
    return parsed("".join(openmetrics(history.changes(until_us), {})))


def transcripts_of(root: Path) -> Path:
    return root.with_name("projects")


def final(series: dict[Series, list[tuple[int, float]]]) -> Samples:
    return {key: samples[-1][1] for key, samples in series.items()}


def live(root: Path, data: Path, clock_us: int) -> Samples:
    """The counts of an exporter that starts at this time, with the names of the series in a history."""
    with open_ledger(data, 200) as ledger:
        meter = Meter([str(root)], ledger, clock=lambda: clock_us, transcript_roots=[str(transcripts_of(root))])
        for _ in range(2):  # calls that were open for too long expire once they are in the ledger
            meter.catch_up()
        totals = ledger.state.totals
    samples: Samples = {}
    for (name, labels), value in totals.counters.items():
        if not name.startswith("hookmeter_"):
            counter = METRICS[name]
            assert isinstance(counter, Tally)
            samples[f"{name}_total", _labels(name, labels)] = value / counter.per
    for (name, labels), distribution in totals.distributions.items():
        samples[f"{name}_count", _labels(name, labels)] = sum(distribution.counts)
        histogram = METRICS[name]
        samples[f"{name}_sum", _labels(name, labels)] = distribution.sum / histogram.per
    return samples


def _labels(name: str, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(zip(METRICS[name].labels, map(str, values), strict=True)))


def synthetic_week(root: Path, now: int) -> Path:
    """Write a week of all kinds of sessions up to yesterday."""
    for day in range(1, 7):
        write_history(DemoDirectories(root, transcripts_of(root)), now - day * DAY_US, seed=day)
    call(root, "never ended", now - 3 * DAY_US, took_ms=None)
    event(root, "late project", "SessionStart", now - 3 * DAY_US)
    event(root, "late project", "UserPromptSubmit", now - 3 * DAY_US + SECOND_US, project_dir="/home/you/shop")
    append(root / "old" / "pre_tool_use.jsonl", {"timestamp": iso(now - 2 * DAY_US), "tool": "Bash", "parameters": {}})
    append(root / "old" / "post_tool_use.jsonl", {"timestamp": iso(now - 2 * DAY_US), "tool": "Bash", "error": "no"})
    event(root, "elsewhere", "PreToolUse", now - 2 * DAY_US, directory="old", tool_name="Edit", tool_use_id="e")
    write_transcripts(root, transcripts_of(root), now)
    return root


def write_transcripts(root: Path, projects: Path, now: int) -> None:
    """Write sessions that transcripts report alone, and one that they complete."""
    for session, days in (("bare", 3), ("bare and silent", 4)):
        at_us = now - days * DAY_US
        transcript_prompt(projects, session, at_us)
        transcript_call(projects, session, at_us + SECOND_US, took_ms=1500)
        transcript_call(projects, session, at_us + 3 * SECOND_US, tool="Read", agent_id="a1", error="Exit code 1")
        transcript_call(projects, session, at_us + 9 * SECOND_US, took_ms=None)
    transcript_end(projects, "bare")
    at_us = now - 2 * DAY_US
    event(root, "both", "UserPromptSubmit", at_us, project_dir="/home/dev/shop")
    transcript_prompt(projects, "both", at_us + 1000)
    transcript_call(projects, "both", at_us, call_id=call(root, "both", at_us))
    transcript_call(projects, "both", at_us + HOUR_US, call_id=call(root, "both", at_us + HOUR_US, took_ms=None))
    transcript_call(projects, "both", at_us + 2 * HOUR_US, tool="Edit")


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


def test_an_increase_has_a_sample_before_it(tmp_path: Path, now: int) -> None:
    at = (now - DAY_US) // MINUTE_US * MINUTE_US
    for minutes in (0, 0, 1, 30):
        call(tmp_path, "s", at + minutes * MINUTE_US + SECOND_US)
    samples = history_of(tmp_path, now)[
        "claude_tool_calls_total", _labels("claude_tool_calls", ("Bash", "main", "success"))
    ]
    assert [((second * SECOND_US - at) // MINUTE_US, value) for second, value in samples] == [
        (0, 0), (1, 2), (2, 3), (30, 3), (31, 4),
    ]  # fmt: skip


def test_the_last_three_hours_are_excluded(home: Home, now: int) -> None:
    for minutes in range(0, 400, 7):
        call(home.sessions, f"s{minutes}", now - minutes * MINUTE_US)
    assert home.run("backfill").returncode == 0
    series = parsed(text_of(home))
    newest = max(samples[-1][0] for samples in series.values())
    assert now // SECOND_US - 3 * 3600 - 480 < newest <= now_us() // SECOND_US - 3 * 3600


def test_a_call_that_never_ended_expires_after_24_hours(tmp_path: Path, now: int) -> None:
    call(tmp_path, "s", now - 3 * DAY_US, took_ms=None)
    call(tmp_path, "still open", now - 5 * HOUR_US, took_ms=None)
    key = "claude_tool_calls_total", _labels("claude_tool_calls", ("Bash", "main", "unknown"))
    second, value = history_of(tmp_path, now)[key][-1]
    assert value == 1
    assert 0 <= second - (now - 2 * DAY_US) // SECOND_US <= 60


def test_lines_without_a_time_have_the_mtime_of_their_file(home: Home) -> None:
    path = append(home.sessions / "s" / "post_tool_use.jsonl", '{"tool":"Bash","success":true}')
    at = now_us() // SECOND_US - 7 * 3600
    os.utime(path, (at, at))
    result = home.run("backfill")
    assert "1 lines had no timestamp" in result.stdout
    key = "claude_tool_calls_total", ("Bash", "main", "success")
    series = parsed(text_of(home))
    (samples,) = (s for (name, labels), s in series.items() if name == key[0] and ("tool", "Bash") in labels)
    assert 0 <= samples[-1][0] - at <= 60


def test_lines_of_a_transcript_without_a_time_have_the_mtime_of_their_file(home: Home, now: int) -> None:
    projects = home.path / ".claude" / "projects"
    transcript_call(projects, "s", now - DAY_US)
    path = transcript(projects, "s")
    path.write_text(re.sub(r'"timestamp":"[^"]*",', "", path.read_text()))
    at = now // SECOND_US - 7 * 3600
    os.utime(path, (at, at))
    result = home.run("backfill")
    assert "2 lines had no timestamp" in result.stdout
    history = parsed(text_of(home))
    assert {"claude_sessions_started_total", "claude_tool_calls_total"} <= {name for name, _ in history}
    assert all(abs(second - at) <= 60 for samples in history.values() for second, _ in samples)


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


def backfilled(home: Home) -> dict[Series, list[tuple[int, float]]]:
    """The history that the command writes."""
    places = ("--sessions-dir", home.sessions, "--transcripts-dir", transcripts_of(home.sessions), "--data-dir", "data")
    result = home.run("backfill", *places)
    assert (result.returncode, result.stderr) == (0, "")
    return parsed(text_of(home))


def test_the_history_has_what_the_ledger_remembers_of_deleted_files(home: Home, now: int) -> None:
    synthetic_week(home.sessions, now)
    alone = backfilled(home)
    live(home.sessions, home.path / "data", now)
    assert backfilled(home) == alone
    shutil.rmtree(home.path / "logs")
    names = {"claude_cost_usd_total", "claude_tokens_total", "claude_sessions_started_total", "claude_prompts_total"}
    expected = {key: samples for key, samples in alone.items() if key[0] in names}
    assert {key: samples for key, samples in backfilled(home).items() if key[0] in names} == expected
    assert {key[0] for key in expected} == names


def test_the_command_prints_no_progress_without_a_terminal(home: Home, now: int) -> None:
    call(home.sessions, "s", now - DAY_US)
    result = home.run("backfill", "--output", "elsewhere.om")
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        result.stdout.splitlines()[1] == "  promtool tsdb create-blocks-from openmetrics elsewhere.om PROMETHEUS_DATA"
    )
    page = samples_of((home.path / "elsewhere.om").read_text().replace("# EOF\n", ""))
    assert page
