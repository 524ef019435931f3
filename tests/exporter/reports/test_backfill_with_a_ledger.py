"""The history of an exporter that has a ledger: with what it remembers, its label values, and up to its totals."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from exporter.model.clock import from_us
from exporter.reports.backfill import DAY_US
from tests.exporter.reports.histories import (
    Series,
    final,
    live,
    parsed,
    synthetic_week,
    text_of,
    transcripts_of,
)
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, call, iso, now_us

REMEMBERED = {"claude_cost_usd_total", "claude_tokens_total", "claude_sessions_started_total", "claude_prompts_total"}


def backfilled(home: Home, *more: str) -> dict[Series, list[tuple[int, float]]]:
    """The history that the command writes."""
    places = (
        "--sessions-dir",
        home.sessions,
        "--transcripts-dir",
        transcripts_of(home.sessions),
        "--data-dir",
        home.data,
    )
    result = home.run("backfill", *places, *more)
    assert (result.returncode, result.stderr) == (0, "")
    return parsed(text_of(home))


def without_target_labels(history: dict[Series, list[tuple[int, float]]]) -> dict[Series, list[tuple[int, float]]]:
    return {
        (name, tuple(pair for pair in labels if pair[0] not in {"instance", "job"})): samples
        for (name, labels), samples in history.items()
    }


def test_the_history_has_what_the_ledger_remembers_of_deleted_files(home: Home, now: int) -> None:
    until = ("--until", iso(now - 4 * HOUR_US))
    synthetic_week(home.sessions, now)
    alone = backfilled(home, *until)
    live(home.sessions, home.data, now)
    assert backfilled(home, *until) == alone
    shutil.rmtree(home.sessions.parent)
    expected = {key: samples for key, samples in alone.items() if key[0] in REMEMBERED}
    assert {key: samples for key, samples in backfilled(home, *until).items() if key[0] in REMEMBERED} == expected
    assert {key[0] for key in expected} == REMEMBERED


def test_the_history_ends_with_the_totals_of_the_ledger_also_without_the_files(home: Home, now: int) -> None:
    synthetic_week(home.sessions, now)
    totals = live(home.sessions, home.data, now)
    for directory in sorted(home.sessions.glob("*/"))[::2]:
        shutil.rmtree(directory)
        for transcript in transcripts_of(home.sessions).glob(f"*/{directory.name}.jsonl"):
            transcript.unlink()
            shutil.rmtree(transcript.with_suffix(""), ignore_errors=True)
    history = without_target_labels(backfilled(home))
    assert {key: value for key, value in final(history).items() if not key[0].endswith("_bucket")} == totals
    # What has no time increases in no window.
    assert any(samples[0][1] > 0 for (name, _), samples in history.items() if name == "claude_tool_calls_total")


def test_label_values_beyond_the_limit_are_those_of_the_ledger(home: Home, now: int) -> None:
    for number, tool in enumerate("edcba"):
        call(home.sessions, "s", now - DAY_US + number * MINUTE_US, tool=tool)
    live(home.sessions, home.data, now, limit=2)
    for number, tool in enumerate("vwxyz"):
        call(home.sessions, "older", now - 2 * DAY_US + number * MINUTE_US, tool=tool)
    history = backfilled(home, "--label-values", "2")
    named = Counter(dict(labels)["tool"] for name, labels in history if name == "claude_tool_calls_total")
    assert named == {"e": 1, "d": 1, "other": 1}


@pytest.mark.parametrize(("until", "hours"), [("5h", 5), ("1h", 3)])
def test_a_history_ends_when_asked_and_three_hours_ago_at_the_latest(
    home: Home, now: int, until: str, hours: int
) -> None:
    call(home.sessions, "s", now - DAY_US)
    end = end_of(backfilled(home, "--until", until))
    assert now - hours * HOUR_US - MINUTE_US < end <= now_us() - hours * HOUR_US


def test_a_history_that_ends_with_a_date_includes_that_day(home: Home, now: int) -> None:
    call(home.sessions, "s", now - 4 * DAY_US)
    last_day = (from_us(now) - timedelta(days=2)).astimezone().date()
    midnight = datetime.combine(last_day + timedelta(days=1), time()).astimezone()
    assert end_of(backfilled(home, "--until", last_day.isoformat())) == midnight.timestamp() * SECOND_US


def end_of(history: dict[Series, list[tuple[int, float]]]) -> int:
    """The time of the last sample of every series."""
    (end,) = {samples[-1][0] * SECOND_US for samples in history.values()}
    return end
