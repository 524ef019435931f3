"""The lists and the series of the dashboard, from real logs and transcripts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exporter import metrics
from exporter.counting.messages import SLOT_US
from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.metrics import MetricsAggregator
from exporter.model.clock import from_us
from exporter.model.money import PICODOLLARS, Amount
from exporter.snapshot.costs import MAX_SERIES, OTHERS, SPANS, SpentByNames, cost_range, cost_ranges
from exporter.snapshot.latest_errors import MAX_SHOWN, MAX_TEXT
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending
from exporter.snapshot.work import MAX_LISTED
from exporter.sources.timestamps import to_us
from exporter.views.sessions import priced
from tests.exporter.test_metrics import Task, Tasks
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, background, call, event, now_us
from tests.support.transcript_lines import SLUG, assistant_line, write
from tests.support.zones import ZONES, zone

ITEMS = ("running", "recent_sessions", "latest_errors")
EACH = 10 * 5_000_000 + 50 * 25_000_000  # a message of assistant_line(), in picodollars


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def aggregator(root: Path, tmp_path: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> MetricsAggregator:
    monkeypatch.setattr(metrics, "CACHE_SECONDS", 0)
    spending = LiveSpending(tmp_path / "data", [str(tmp_path / "projects")])
    return MetricsAggregator(tasks, LiveSessions(root), HooksReader(root), everyone="everyone", spending=spending)


def spend(directory: Path, number: int, at_us: int, session: str, **fields: Any) -> None:
    transcript = directory / "projects" / SLUG / f"{session}.jsonl"
    write(transcript, assistant_line(number, timestamp=from_us(at_us).isoformat(), sessionId=session, **fields))


def test_running_work_has_its_running_tools_and_its_cost_so_far(
    aggregator: MetricsAggregator, tasks: Tasks, root: Path, tmp_path: Path, now: int
) -> None:
    call(root, "of-task", now - MINUTE_US, tool="Bash", took_ms=None)
    call(root, "alone", now - 3 * MINUTE_US, took_ms=5, error="boom", project_dir="/home/you/web-shop")
    call(root, "alone", now - 2 * MINUTE_US, tool="Read", took_ms=None, agent_id="1", agent_type="Explore")
    call(root, "silent", now - 9 * MINUTE_US)
    spend(tmp_path, 1, now, "of-task")
    spend(tmp_path, 2, now, "alone")
    tasks.tasks = [
        Task("w", "pending", "reviewer"),
        Task("r", "running", started_us=now - HOUR_US, session_uuid="of-task", cost_picodollars=EACH, progress=0.5),
        Task("c", "running", started_us=now - MINUTE_US, session_uuid="continued", resumes=True),
        Task("e", "failed", finished_us=now, cost_picodollars=PICODOLLARS, error="x" * 1000),
        Task("old", "failed", finished_us=now - 25 * HOUR_US),
    ]
    running = aggregator.get_metrics()["running"]
    assert [(task["task_id"], task["cost_usd"]) for task in running["tasks"]] == [
        ("r", 2 * EACH / PICODOLLARS), ("c", None), ("w", 0),
    ]  # fmt: skip
    first = running["tasks"][0]
    assert (first["progress"], first["agent"]) == (0.5, "main")
    assert first["tools"] == [{"tool": "Bash", "agent": "main", "since": from_us(now - MINUTE_US).isoformat()}]
    (ended,) = running["ended_tasks"]
    assert (ended["task_id"], ended["cost_usd"], len(ended["error"] or "")) == ("e", 1, 200)
    (session,) = running["sessions"]
    assert (session["session_uuid"], session["project"]) == ("alone", "web-shop")
    assert (session["calls"], session["errors"], session["cost_usd"]) == (2, 1, EACH / PICODOLLARS)
    assert [(tool["tool"], tool["agent"]) for tool in session["tools"]] == [("Read", "Explore")]


def test_of_a_cost_that_is_unknown_tasks_have_what_is_known(
    aggregator: MetricsAggregator, tasks: Tasks, tmp_path: Path, now: int
) -> None:
    spend(tmp_path, 1, now, "again")
    partly: dict[str, Any] = {"cost_picodollars": PICODOLLARS, "cost_known": False}
    tasks.tasks = [
        Task("again", "running", started_us=now - HOUR_US, session_uuid="again", **partly),
        Task("new", "running", started_us=now - HOUR_US, session_uuid="new", cost_picodollars=PICODOLLARS),
        Task("ended", "failed", finished_us=now, **partly),
    ]
    running = aggregator.get_metrics()["running"]
    listed = [*running["tasks"], *running["ended_tasks"]]
    found = {one["task_id"]: (one["cost_usd"], one["known_cost_usd"]) for one in listed}
    assert found == {"again": (None, 1 + EACH / PICODOLLARS), "new": (None, 1), "ended": (None, 1)}


def test_running_work_has_what_runs_in_the_background(
    aggregator: MetricsAggregator, tasks: Tasks, root: Path, now: int
) -> None:
    for session in ("of-task", "alone"):
        background(root, session, now - 20 * MINUTE_US)
    tasks.tasks = [Task("r", "running", started_us=now - HOUR_US, session_uuid="of-task")]
    running = aggregator.get_metrics()["running"]
    since = from_us(now - 20 * MINUTE_US).isoformat()
    agent_since = from_us(now - 20 * MINUTE_US + 10_000).isoformat()
    for work in (*running["tasks"], *running["sessions"]):
        assert (work["tools"], work["background"], work["subagents"]) == (
            [],
            [{"tool": "Bash", "agent": "main", "since": since}],
            [{"agent": "Explore", "since": agent_since}],
        )


def test_the_newest_sessions_are_listed_and_all_are_counted(
    aggregator: MetricsAggregator, root: Path, now: int
) -> None:
    for number in range(MAX_LISTED + 5):
        event(root, f"s{number:02}", "SessionStart", now - number * MINUTE_US)
    recent = aggregator.get_metrics()["recent_sessions"]
    assert recent["total"] == MAX_LISTED + 5
    assert [one["session_uuid"] for one in recent["newest"]] == [f"s{number:02}" for number in range(MAX_LISTED)]
    listed = {one["session_uuid"]: one for one in HooksReader(root).get_all_sessions()}
    assert all(priced(listed[one["session_uuid"]], Amount()) == one for one in recent["newest"])


def test_a_cost_is_unknown_without_a_transcript_and_without_a_price(
    aggregator: MetricsAggregator, root: Path, tmp_path: Path, now: int
) -> None:
    for session in ("priced", "unpriced", "no transcript"):
        call(root, session, now)
    spend(tmp_path, 1, now, "priced")
    spend(tmp_path, 2, now, "unpriced", model="claude-unheard-of")
    found = aggregator.get_metrics()
    assert aggregator.get_cost("without requests", has_transcript=True) == Amount(0)
    costs = {"priced": EACH / PICODOLLARS, "unpriced": None, "no transcript": None}
    assert {one["session_uuid"]: one["cost_usd"] for one in found["recent_sessions"]["newest"]} == costs
    assert {one["session_uuid"]: one["cost_usd"] for one in found["running"]["sessions"]} == costs
    assert {one["session_uuid"]: one["cost_usd"] for one in aggregator.get_all_sessions()} == costs
    found_costs = {
        session: aggregator.get_cost(session, has_transcript=session != "no transcript").dollars for session in costs
    }
    assert found_costs == costs


def test_the_latest_errors_are_redacted_shortened_and_in_order(
    aggregator: MetricsAggregator, root: Path, now: int
) -> None:
    for number in range(MAX_SHOWN + 3):
        call(root, f"s{number % 3}", now - number * SECOND_US, took_ms=0, error=f"boom {number}")
    call(root, "a", now + SECOND_US, took_ms=0, error="password=hunter2 " + "x" * 1000)
    call(root, "a", now + SECOND_US)
    errors = aggregator.get_metrics()["latest_errors"]
    assert [error["error"] for error in errors[1:]] == [f"boom {number}" for number in range(MAX_SHOWN - 1)]
    assert errors[0]["error"].startswith("password=[redacted] x")
    assert len(errors[0]["error"]) == MAX_TEXT
    assert (errors[1]["session_uuid"], errors[1]["category"], errors[1]["tool"]) == ("s0", "other", "Bash")


def test_calls_have_series_by_minute_and_by_half_hour(aggregator: MetricsAggregator, root: Path, now: int) -> None:
    minute = now - now % MINUTE_US
    for back in (1, 1, 2, 5, 6, 59):
        call(root, "s", minute - back * MINUTE_US, took_ms=0)
    call(root, "s", minute - 3 * MINUTE_US, tool="Read", took_ms=0, error="boom")
    call(root, "s", now - 5 * HOUR_US, tool="Read", took_ms=0)
    found = aggregator.get_metrics()
    hour, day = found["tools"]["1h"], found["tools"]["24h"]
    assert found["calls_per_minute"] == 5 / 5
    assert (hour["slot_seconds"], len(hour["calls"]), sum(hour["calls"]), sum(hour["errors"])) == (60, 60, 7, 1)
    assert hour["calls"][-7:] == [1, 1, 0, 1, 1, 2, 0]
    assert hour["series"]["Read"][-4] == 1
    assert (day["slot_seconds"], len(day["calls"]), sum(day["calls"])) == (1800, 48, 8)
    assert [hour["error_rate"], day["error_rate"]] == [1 / 7, 1 / 8]
    assert {tool: figures["calls"] for tool, figures in hour["performance"].items()} == {"Bash": 6, "Read": 1}
    assert hour["categories"] == [{"category": "other", "count": 1}]


def test_the_lists_have_only_what_the_viewer_may_see(
    aggregator: MetricsAggregator, tasks: Tasks, root: Path, now: int
) -> None:
    for session in ("mine", "others"):
        call(root, session, now, took_ms=0, error=f"boom of {session}")
    tasks.tasks = [Task("t", "running", started_us=now, session_uuid="mine")]
    everything = aggregator.get_metrics()
    mine = aggregator.get_metrics_of("somebody", {"mine"})
    assert everything["recent_sessions"]["total"] == 2
    assert mine["recent_sessions"]["total"] == 1
    assert [error["error"] for error in mine["latest_errors"]] == ["boom of mine"]
    listed = json.dumps([mine[name] for name in ITEMS])  # type: ignore[literal-required] # a name of it
    assert "others" not in listed
    same = {name for name in everything if everything[name] == mine[name]}  # type: ignore[literal-required] # likewise
    assert same == everything.keys() - set(ITEMS)


def test_costs_over_time_add_up_to_the_counts_of_the_exporter(
    aggregator: MetricsAggregator, tmp_path: Path, now: int
) -> None:
    for number in range(40):
        spend(tmp_path, number, now - number * HOUR_US, "s", model=("claude-opus-4-6", "claude-haiku-4-5")[number % 2])
        if number == 20:
            with open_ledger(tmp_path / "data", 200) as ledger:
                Meter([], ledger, transcript_roots=[str(tmp_path / "projects")]).catch_up()
    found = aggregator.get_metrics()
    for name, span in SPANS.items():
        costs = found["costs"][name]
        assert sum(one["cost_usd"] or 0 for one in costs["by_model"]) == pytest.approx(costs["cost_usd"])
        assert sum(one["cost_usd"] or 0 for one in costs["by_project"]) == pytest.approx(costs["cost_usd"])
        assert {len(one["slots"]) for one in costs["by_model"]} == {span.slots}
        assert sum(costs["by_model"][0]["slots"]) == pytest.approx(costs["by_model"][0]["cost_usd"])
        starts_us = to_us(costs["starts_at"]) or 0
        assert starts_us + span.slots * span.slot_us > now >= starts_us + (span.slots - 1) * span.slot_us
    assert [one["name"] for one in found["costs"]["7d"]["by_model"]] == ["claude-opus-4-6", "claude-haiku-4-5"]
    assert found["costs"]["7d"]["cost_usd"] == found["costs"]["30d"]["cost_usd"]


@pytest.mark.parametrize("name", sorted(ZONES))
def test_days_of_costs_start_at_local_midnight(name: str) -> None:
    with zone(name):
        now = int(datetime(2026, 5, 20, 15, 40).timestamp()) * SECOND_US
        costs = cost_range(SpentByNames({(now // SLOT_US, "m", "p"): PICODOLLARS}), SPANS["30d"], now)
        begin = datetime.fromisoformat(costs["starts_at"]).astimezone()
        assert (begin.day, begin.hour, begin.minute) == (20, 0, 0) if begin.month == 4 else begin.hour in {0, 1, 23}
        assert costs["by_model"][0]["slots"][-1] == 1


def test_names_without_a_series_share_one() -> None:
    now = now_us()
    spent = {(now // SLOT_US, f"model-{number}", "p"): number * PICODOLLARS for number in range(1, MAX_SERIES + 3)}
    found = cost_ranges(SpentByNames(spent), now)["24h"]["by_model"]
    assert [(one["name"], one["cost_usd"]) for one in found[-2:]] == [("model-3", 3), (OTHERS, 3)]
    assert len(found) == MAX_SERIES + 1


def test_slots_that_lack_the_cost_of_some_tokens_are_named() -> None:
    now = now_us()
    slot = now // SLOT_US
    spent = {(slot - hours * HOUR_US // SLOT_US, "m", "p"): PICODOLLARS for hours in range(3)}
    unpriced = {(slot - HOUR_US // SLOT_US, model, "p"): 70 for model in ("unheard-of", "m")}
    found = cost_ranges(SpentByNames(spent, unpriced), now)["24h"]
    (model, unknown), (project,) = found["by_model"], found["by_project"]
    assert (model["unpriced_tokens"], project["unpriced_tokens"]) == (70, 140)
    assert (unknown["name"], unknown["cost_usd"], unknown["unpriced_tokens"]) == ("unheard-of", None, 70)
    assert unknown["incomplete_slots"] == model["incomplete_slots"]
    (lacking,) = model["incomplete_slots"]
    assert project["incomplete_slots"] == [lacking]
    assert [number for number, cost in enumerate(project["slots"]) if cost] == [lacking - 1, lacking, lacking + 1]


def test_the_requests_of_a_session_have_their_tokens_and_cost(
    aggregator: MetricsAggregator, tmp_path: Path, now: int
) -> None:
    spend(tmp_path, 2, now, "s")
    spend(tmp_path, 1, now - HOUR_US, "s", attributionAgent="Explore")
    with open_ledger(tmp_path / "data", 200) as ledger:
        Meter([], ledger, transcript_roots=[str(tmp_path / "projects")]).catch_up()
    spend(tmp_path, 3, now + 1000, "s", model="claude-unheard-of")
    spend(tmp_path, 4, now, "another")
    aggregator.get_metrics()
    found = aggregator.get_requests("s")
    assert [(one["agent"], one["cost_usd"]) for one in found] == [
        ("Explore", EACH / PICODOLLARS), ("main", EACH / PICODOLLARS), ("main", None),
    ]  # fmt: skip
    assert (found[0]["input_tokens"], found[0]["output_tokens"]) == (10, 50)
    assert aggregator.get_requests("unknown") == []
