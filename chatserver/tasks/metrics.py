"""Metrics of tasks, from the database: all servers on it show the same, and restarts lose nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Column, ColumnElement, Connection, Select, case, func, select

from chatserver.storage.database import Database
from chatserver.storage.schema import task_runs, tasks
from chatserver.tasks.pool import TaskPool
from chatserver.tasks.records import ENDED, TaskStatus
from chatserver.tasks.scheduling import READY
from exporter.counting.totals import OTHER
from exporter.model.money import dollars
from exporter.model.text import label_value

SECOND = 1_000_000
DURATION_BOUNDS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)
WAIT_BOUNDS = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800)

_started = task_runs.c.started_us.is_not(None)
_duration = task_runs.c.finished_us - task_runs.c.started_us
_wait = task_runs.c.started_us - task_runs.c.queued_us


def _bucketed(value: Any, bounds: tuple[float, ...], *labels: Any) -> Select[Any]:
    """The query for the count and the sum of the values in each bucket; the last bucket is above all bounds."""
    value = case((value > 0, value), else_=0)  # the clock was set back: sums must not fall
    bucket = case(*((value <= round(bound * SECOND), number) for number, bound in enumerate(bounds)), else_=len(bounds))
    columns = (*labels, bucket.label("bucket"))
    return select(*columns, func.count(), func.sum(value)).where(_started).group_by(*columns)


STATUSES = select(tasks.c.status, func.count()).group_by(tasks.c.status)
DURATIONS = _bucketed(_duration, DURATION_BOUNDS, task_runs.c.status)
WAITS = _bucketed(_wait, WAIT_BOUNDS)


def _bounded(label: Column[str], values: int) -> ColumnElement[str]:
    """A label as it is shown: the values that ran first keep their names for good, further ones are `other`."""
    first = select(label).where(_started).group_by(label).order_by(func.min(task_runs.c.run_id)).limit(values)
    return case((label.in_(select(first.subquery())), label), else_=OTHER)


def _by_labels(values: int) -> dict[str, Select[Any]]:
    """The queries of runs by their labels, of which each has so many values; what never ran leaves no series."""
    columns = (task_runs.c.status, task_runs.c.task_id, task_runs.c.cost_picodollars, task_runs.c.cost_known)
    agent, workflow = (_bounded(label, values) for label in (task_runs.c.agent_type, task_runs.c.workflow))
    run = select(*columns, agent.label("agent"), workflow.label("workflow")).where(_started).subquery("runs").c
    labels = (run.agent, run.workflow)
    # Every end of a task but the first is that of a retry.
    retries = func.count() - func.count(run.task_id.distinct())
    return {
        "finished": select(run.status, *labels, func.count()).group_by(run.status, *labels),
        "retries": select(*labels, retries).group_by(*labels),
        "costs": select(*labels, func.sum(run.cost_picodollars)).group_by(*labels),
        "incomplete_costs": select(*labels, func.sum(case((run.cost_known, 0), else_=1))).group_by(*labels),
    }


class TaskMetrics:
    """Collects from the database and from this server's pool."""

    def __init__(self, database: Database, pool: TaskPool, label_values: int) -> None:
        self._database = database
        self._pool = pool
        self._queries = {
            "statuses": STATUSES, "ready": READY, "durations": DURATIONS, "waits": WAITS, **_by_labels(label_values),
        }  # fmt: skip

    def collect(self) -> Iterator[Metric]:
        """The metrics of tasks."""
        found = self._database.run_read_only(self._read)
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
            "Total known cost of ended task runs in US dollars: as reported by Claude Code, or by their transcripts.",
            ("agent", "workflow"),
            [(*labels, dollars(int(picodollars))) for *labels, picodollars in found["costs"]],
        )
        yield _counter(
            "claude_task_incomplete_costs",
            "Total number of ended task runs whose cost is unknown, or known only in part.",
            ("agent", "workflow"),
            found["incomplete_costs"],
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

    def _read(self, connection: Connection) -> dict[str, list[Any]]:
        return {name: [tuple(row) for row in connection.execute(query)] for name, query in self._queries.items()}


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
    """A counter with printable labels: those of tasks that an older version took need not be."""
    family, totals = CounterMetricFamily(name, text, labels=labels), Counter[tuple[str, ...]]()
    for *values, number in rows:
        totals[tuple(map(label_value, values))] += number
    for shown, total in totals.items():
        family.add_metric(shown, total)
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
