"""The snapshot of the last 24 hours, from real logs and transcripts."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from exporter import metrics
from exporter.counting.budgets import Budgets
from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.metrics import MetricsAggregator
from exporter.model.clock import from_us
from exporter.model.money import PICODOLLARS
from exporter.serving.pages import TEXT, Pages
from exporter.snapshot.figures import FinishedTask
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending
from exporter.snapshot.schema import Metrics
from tests.support.page import sample, samples_of
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, call, now_us
from tests.support.transcript_lines import SLUG, assistant_line, write

DOCUMENTED = frozenset({
    "active_tasks", "completed_tasks_24h", "failed_tasks_24h", "tool_usage_24h", "cost_24h", "cost_today",
    "cost_month", "top_errors", "tool_performance", "by_agent", "by_workflow", "sessions",
})  # fmt: skip


@dataclass(frozen=True)
class Task:
    task_id: str
    status: str
    agent_type: str = ""
    workflow: str = ""
    cost_picodollars: int = 0
    started_us: int | None = None
    finished_us: int | None = None
    session_uuid: str | None = None
    progress: float | None = None
    user_id: str = "local"
    description: str = "Make the tests pass"
    model: str = ""
    resumes: bool = False
    queued_us: int = 1
    error: str | None = None
    cost_known: bool = True


@dataclass
class Tasks:
    """Tasks in a list, with the viewers that requested them."""

    tasks: list[Task] = field(default_factory=list)
    viewers: list[object] = field(default_factory=list)
    requests: int = 0

    def counts(self, viewer: object, /) -> Mapping[str, int]:
        self.requests += 1
        self.viewers.append(viewer)
        return Counter(task.status for task in self.tasks)

    def finished_since(self, since_us: int, /) -> list[FinishedTask]:
        return [task for task in self.tasks if task.finished_us is not None and task.finished_us >= since_us]

    def open_tasks(self, viewer: object, /) -> list[Task]:
        return [task for task in self.tasks if task.status in {"pending", "running"}]

    def recently_ended(self, viewer: object, /) -> list[Task]:
        return [task for task in self.tasks if task.finished_us is not None]

    def get(self, prefix: str, viewer: object, /) -> Task:
        self.viewers.append(viewer)
        return next(task for task in self.tasks if task.task_id.startswith(prefix))


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


@pytest.fixture
def aggregator(tmp_path: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> MetricsAggregator:
    monkeypatch.setattr(metrics, "CACHE_SECONDS", 0)
    root = tmp_path / "sessions"
    return MetricsAggregator(
        tasks,
        LiveSessions(root),
        HooksReader(root),
        everyone="everyone",
        spending=LiveSpending(tmp_path / "data", [str(tmp_path / "projects")], budgets=Budgets(5 * PICODOLLARS)),
    )


def test_the_snapshot_is_json_and_has_every_figure(aggregator: MetricsAggregator) -> None:
    found = json.loads(json.dumps(aggregator.get_metrics()))
    assert found.keys() == get_type_hints(Metrics).keys()
    assert found.keys() >= DOCUMENTED


def test_tasks_are_counted_by_status_and_those_of_24_hours_by_outcome(
    aggregator: MetricsAggregator, tasks: Tasks, now: int
) -> None:
    tasks.tasks = [
        Task("a", "running"),
        Task("b", "pending"),
        Task("c", "pending"),
        *(Task("d", "completed", "reviewer", "nightly", PICODOLLARS, finished_us=now - HOUR_US) for _ in range(3)),
        Task("e", "failed", "", "nightly", PICODOLLARS // 2, finished_us=now, cost_known=False),
        Task("f", "stopped", finished_us=now),
        Task("g", "failed", finished_us=now - 25 * HOUR_US),
    ]
    found = aggregator.get_metrics()
    assert (found["active_tasks"], found["pending_tasks"]) == (3, 2)
    ended = (found["completed_tasks_24h"], found["failed_tasks_24h"], found["stopped_tasks_24h"])
    assert ended == (3, 1, 1)
    assert found["by_workflow"] == {
        "nightly": {"completed": 3, "failed": 1, "stopped": 0, "cost_usd": 3.5, "incomplete_costs": 1},
        "none": {"completed": 0, "failed": 0, "stopped": 1, "cost_usd": 0, "incomplete_costs": 0},
    }
    assert found["by_agent"]["reviewer"]["tasks"] == {
        "completed": 3, "failed": 0, "stopped": 0, "cost_usd": 3, "incomplete_costs": 0,
    }  # fmt: skip
    assert tasks.viewers == ["everyone"]


def test_tools_have_their_calls_success_rate_and_durations(
    aggregator: MetricsAggregator, tmp_path: Path, now: int
) -> None:
    root = tmp_path / "sessions"
    for took_ms in range(1, 101):
        call(root, "s", now - MINUTE_US, tool="Read", took_ms=took_ms)
    call(root, "s", now - MINUTE_US, took_ms=10)
    for _ in range(3):
        call(
            root,
            "s",
            now - MINUTE_US,
            took_ms=30,
            error="fatal: not a git repository",
            agent_type="Explore",
            agent_id="1",
        )
    call(root, "t", now - 2 * HOUR_US, took_ms=20, error="bash: x: command not found")
    found = aggregator.get_metrics()
    assert found["tool_usage_24h"] == {"Read": 100, "Bash": 5}
    assert found["tool_performance"] == {
        "Read": {"calls": 100, "errors": 0, "success_rate": 1.0, "p50_ms": 50.0, "p95_ms": 95.0},
        "Bash": {"calls": 5, "errors": 4, "success_rate": 0.2, "p50_ms": 30.0, "p95_ms": 30.0},
    }
    assert found["top_errors"] == [
        {"tool": "Bash", "category": "git_error", "count": 3},
        {"tool": "Bash", "category": "command_not_found", "count": 1},
    ]
    by_agent = {agent: (figures["calls"], figures["success_rate"]) for agent, figures in found["by_agent"].items()}
    assert by_agent == {"main": (102, 101 / 102), "Explore": (3, 0.0)}
    assert found["sessions"] == {"active": 1, "idle": 0, "completed": 1}


def test_costs_and_calls_are_those_on_the_exporters_page(
    aggregator: MetricsAggregator, tmp_path: Path, now: int
) -> None:
    for number in range(20):
        line = assistant_line(number, timestamp=from_us(now - number * 3600 * SECOND_US).isoformat())
        write(tmp_path / "projects" / SLUG / "s.jsonl", line)
        call(tmp_path / "sessions", "s", now - number * HOUR_US, error="boom" if number % 3 == 0 else "")
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([str(tmp_path / "sessions")], ledger, transcript_roots=[str(tmp_path / "projects")])
        meter.catch_up()
        samples = samples_of(Pages(meter).page(TEXT).plain.decode())
    found = aggregator.get_metrics()
    assert found["cost_today"] == samples[sample("claude_spent_usd", period="day")]
    assert found["cost_month"] == samples[sample("claude_spent_usd", period="month")]
    assert (found["budget_day"], found["budget_month"]) == (5, None)
    spent = sum(value for (name, _), value in samples.items() if name == "claude_cost_usd_total")
    assert found["cost_24h"] == pytest.approx(spent)
    calls = Counter[str]()
    for (name, labels), value in samples.items():
        if name == "claude_tool_calls_total":
            calls["errors" if dict(labels)["outcome"] == "error" else "others"] += int(value)
    bash = found["tool_performance"]["Bash"]
    assert (bash["errors"], bash["calls"]) == (calls["errors"], calls.total())


def test_ten_thousand_concurrent_requests_cause_one_computation(
    aggregator: MetricsAggregator, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "CACHE_SECONDS", 3600)
    found: list[Metrics] = []
    threads = [
        threading.Thread(target=lambda: found.extend(aggregator.get_metrics() for _ in range(100))) for _ in range(100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tasks.requests == 1
    assert len(found) == 10_000
    assert all(one is found[0] for one in found)


def test_reading_is_offloaded(tmp_path: Path, tasks: Tasks) -> None:
    offloaded: list[object] = []

    def offload(work: Any) -> Any:
        offloaded.append(work)
        return work()

    MetricsAggregator(tasks, LiveSessions(tmp_path), HooksReader(tmp_path), offload=offload).get_metrics()
    assert len(offloaded) == 1


def test_without_a_spending_tracker_costs_are_unknown(tmp_path: Path, tasks: Tasks) -> None:
    found = MetricsAggregator(tasks, LiveSessions(tmp_path), HooksReader(tmp_path)).get_metrics()
    assert (found["cost_24h"], found["cost_today"], found["cost_month"], found["budget_day"]) == (None,) * 4
    assert found["complete"]


def test_the_details_of_a_task_have_its_calls_and_no_others_of_its_session(
    aggregator: MetricsAggregator, tasks: Tasks, tmp_path: Path, now: int
) -> None:
    root = tmp_path / "sessions"
    for minutes in (30, 20, 10):
        call(root, "s", now - minutes * MINUTE_US)
    started, ended = now - 25 * MINUTE_US, now - 15 * MINUTE_US
    tasks.tasks = [
        Task("abc123", "completed", "", "", PICODOLLARS, started, ended, "s", 1.0),
        Task("xyz", "pending"),
    ]
    details = aggregator.get_task_details("abc")
    (used,) = details.pop("tool_usage")  # type: ignore[misc] # the rest is compared below
    assert details == {
        "task_id": "abc123",
        "status": "completed",
        "progress": 1.0,
        "duration_ms": 600_000.0,
        "session_uuid": "s",
        "cost_usd": 1.0,
    }
    assert (used["tool_name"], used["outcome"]) == ("Bash", "success")
    waiting = aggregator.get_task_details("xyz", "somebody")
    assert (waiting["duration_ms"], waiting["tool_usage"]) == (None, [])
    assert tasks.viewers == ["everyone", "somebody"]


def test_a_ledger_that_cannot_be_read_is_logged_once(
    aggregator: MetricsAggregator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = tmp_path / "data" / "ledger.sqlite3"
    ledger.parent.mkdir()
    ledger.write_text("not a database" * 1000)
    for _ in range(3):
        aggregator.get_metrics()
    (line,) = caplog.messages
    assert line.startswith(f"The ledger {ledger} cannot be read")
