"""Metrics of tasks, from the database: all servers on it show the same, and restarts lose nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection, Select, case, func, select

from chatserver.storage.database import Database
from chatserver.storage.schema import task_runs, tasks
from chatserver.tasks.pool import TaskPool
from chatserver.tasks.records import ENDED, TaskStatus
from chatserver.tasks.scheduling import READY
from exporter.model.money import dollars

SECOND = 1_000_000
DURATION_BOUNDS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)
WAIT_BOUNDS = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800)

_started = task_runs.c.started_us.is_not(None)
_labels = (task_runs.c.agent_type, task_runs.c.workflow)
_duration = task_runs.c.finished_us - task_runs.c.started_us
_wait = task_runs.c.started_us - task_runs.c.queued_us


def _bucketed(value: Any, bounds: tuple[float, ...], *labels: Any) -> Select[Any]:
    """The query for the count and the sum of the values in each bucket; the last bucket is above all bounds."""
    bucket = case(*((value <= round(bound * SECOND), number) for number, bound in enumerate(bounds)), else_=len(bounds))
    columns = (*labels, bucket.label("bucket"))
    return select(*columns, func.count(), func.sum(value)).where(_started).group_by(*columns)


STATUSES = select(tasks.c.status, func.count()).group_by(tasks.c.status)
FINISHED = select(task_runs.c.status, *_labels, func.count()).group_by(task_runs.c.status, *_labels)
# Every end of a task but the first is that of a retry.
RETRIES = select(*_labels, func.count() - func.count(task_runs.c.task_id.distinct())).group_by(*_labels)
COSTS = select(*_labels, func.sum(task_runs.c.cost_picodollars)).group_by(*_labels)
DURATIONS = _bucketed(_duration, DURATION_BOUNDS, task_runs.c.status)
WAITS = _bucketed(_wait, WAIT_BOUNDS)


class TaskMetrics:
    """Collects from the database and from this server's pool."""

    def __init__(self, database: Database, pool: TaskPool) -> None:
        self._database = database
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        """The metrics of tasks."""
        found = self._database.run_read_only(_read)
        yield _gauge(found["statuses"])
        ((ready,),) = found["ready"]
        yield GaugeMetricFamily("claude_tasks_ready", "Pending tasks that wait only for a free slot.", ready)
        yield _counter(
            "claude_tasks_finished",
            "Total number of ended task runs, by final status.",
            ("status", "agent", "workflow"),
            found["finished"],
        )
        yield _counter(
            "claude_task_retries",
            "Total number of ended task runs that were retries.",
            ("agent", "workflow"),
            found["retries"],
        )
        yield _counter(
            "claude_task_cost_usd",
            "Total cost of task runs in US dollars, as reported by Claude Code.",
            ("agent", "workflow"),
            [(*labels, dollars(int(picodollars))) for *labels, picodollars in found["costs"]],
        )
        yield from _histograms(found)
        yield self._slots()

    def _slots(self) -> Metric:
        family = GaugeMetricFamily(
            "claude_task_slots", "Slots for parallel tasks on this server, by state.", labels=("state",)
        )
        busy = self._pool.busy
        family.add_metric(("busy",), busy)
        family.add_metric(("free",), max(0, self._pool.slots - busy))
        return family


def _read(connection: Connection) -> dict[str, list[Any]]:
    queries = {
        "statuses": STATUSES, "ready": READY, "finished": FINISHED, "retries": RETRIES, "costs": COSTS,
        "durations": DURATIONS, "waits": WAITS,
    }  # fmt: skip
    return {name: [tuple(row) for row in connection.execute(query)] for name, query in queries.items()}


def _gauge(rows: list[Any]) -> Metric:
    family = GaugeMetricFamily("claude_tasks", "Tasks, by status.", labels=("status",))
    numbers = dict(rows)
    for status in TaskStatus:
        family.add_metric((status,), numbers.get(status, 0))
    return family


def _histograms(found: Mapping[str, list[Any]]) -> Iterator[Metric]:
    durations = HistogramMetricFamily(
        "claude_task_duration_seconds", "Duration of task runs, by final status.", labels=("status",)
    )
    for status in ENDED:
        rows = [(bucket, *rest) for label, bucket, *rest in found["durations"] if label == status]
        _observe(durations, (status,), DURATION_BOUNDS, rows)
    yield durations
    waits = HistogramMetricFamily(
        "claude_task_wait_seconds", "Time that task runs waited in the queue before they started."
    )
    _observe(waits, (), WAIT_BOUNDS, found["waits"])
    yield waits


def _counter(name: str, text: str, labels: tuple[str, ...], rows: list[Any]) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for *values, number in rows:
        family.add_metric(values, number)
    return family


def _observe(
    family: HistogramMetricFamily, labels: tuple[str, ...], bounds: tuple[float, ...], rows: list[Any]
) -> None:
    counts, total = Counter[int](), 0
    for bucket, number, amount in rows:
        counts[bucket] += number
        total += int(amount)
    sums = accumulate(counts[number] for number in range(len(bounds) + 1))
    names = [*map(repr, map(float, bounds)), "+Inf"]
    family.add_metric(labels, buckets=list(zip(names, sums, strict=True)), sum_value=total / SECOND)
