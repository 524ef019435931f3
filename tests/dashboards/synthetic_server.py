"""A synthetic metrics page of a chat server on a busy day, with tasks, logins and HTTP requests."""

from __future__ import annotations

import random
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric

WORKFLOWS = (("", "", 5), ("", "nightly-review", 3), ("reviewer", "pull-request", 4))
OUTCOMES = (("completed", 0.93), ("failed", 0.05), ("stopped", 0.02))
ROUTES = (("GET", "/api/metrics", 0.004), ("GET", "/api/tasks", 0.02), ("POST", "/api/tasks", 0.06))
SLOTS = 4


class SyntheticServer:
    """The metrics of a server; each `advance` adds a minute of activity."""

    def __init__(self, seed: int = 1) -> None:
        self.registry = CollectorRegistry()
        self._rng = random.Random(seed)
        self._finished_by_status = {status: 0 for status, _ in OUTCOMES}
        registry = self.registry
        labels = ("status", "agent", "workflow")
        self._tasks = Gauge("claude_tasks", "Tasks.", ("status",), registry=registry)
        for status in ("pending", "running", *self._finished_by_status):
            self._tasks.labels(status)
        self._ready = Gauge("claude_tasks_ready", "Ready.", registry=registry)
        self._finished = Counter("claude_tasks_finished", "Finished.", labels, registry=registry)
        self._retries = Counter("claude_task_retries", "Retries.", ("agent", "workflow"), registry=registry)
        self._costs = Counter("claude_task_cost_usd", "Costs.", ("agent", "workflow"), registry=registry)
        self._incomplete = Counter(
            "claude_task_incomplete_costs", "Incomplete costs.", ("agent", "workflow"), registry=registry
        )
        bounds = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)
        self._durations = Histogram(
            "claude_task_duration_seconds", "Runs.", ("status",), buckets=bounds, registry=registry
        )
        waits = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800)
        self._waits = Histogram("claude_task_wait_seconds", "Waits.", buckets=waits, registry=registry)
        self._slots = Gauge("claude_task_slots", "Slots.", ("state",), registry=registry)
        self._requests = Counter("hookmeter_http_requests", "Requests.", ("method", "route", "code"), registry=registry)
        self._latencies = Histogram("hookmeter_http_request_duration_seconds", "Time.", ("route",), registry=registry)
        self._logins = Counter("hookmeter_logins", "Logins.", ("result",), registry=registry)
        self._streams = Gauge("hookmeter_streams", "Streams.", registry=registry)
        self._sockets = Gauge("hookmeter_sockets", "Sockets.", registry=registry)
        Gauge("hookmeter_collector_success", "Success.", ("collector",), registry=registry).labels("tasks").set(1)
        for result in ("success", "failure", "limited"):
            self._logins.labels(result)

    def advance(self) -> None:
        """Add a minute of activity."""
        self._advance_tasks()
        self._advance_requests()
        if self._rng.random() < 0.05:
            self._logins.labels("failure" if self._rng.random() < 0.2 else "success").inc()
        self._streams.set(self._rng.randrange(1, 4))
        self._sockets.set(self._rng.randrange(4))

    def _advance_tasks(self) -> None:
        busy = self._rng.choices((0, 1, 2, 3, 4), weights=(2, 3, 3, 2, 2))[0]
        waiting = self._rng.randrange(3) if busy == SLOTS else 0
        for state, number in (("busy", busy), ("free", SLOTS - busy)):
            self._slots.labels(state).set(number)
        for _ in range(self._rng.choices((0, 1, 2), weights=(6, 3, 1))[0]):
            self._finish_task()
        self._ready.set(waiting)
        for status, number in {"pending": waiting, "running": busy, **self._finished_by_status}.items():
            self._tasks.labels(status).set(number)

    def _advance_requests(self) -> None:
        for method, route, seconds in ROUTES:
            code = "401" if self._rng.random() < 0.02 else "200"
            self._requests.labels(method, route, code).inc(self._rng.randrange(1, 9))
            self._latencies.labels(route).observe(seconds * self._rng.lognormvariate(0, 0.5))

    def history(self, start: int, end: int) -> str:
        """A sample per minute between two times in seconds, as OpenMetrics without the final `# EOF`."""
        families: dict[str, Metric] = {}
        samples: dict[str, dict[str, list[str]]] = {}
        for time in range(start, end, 60):
            self.advance()
            for family in self.registry.collect():
                families[family.name] = family
                for name, labels, value in _samples(family):
                    samples.setdefault(family.name, {}).setdefault(f"{name}{{{labels}}}", []).append(f"{value} {time}")
        return "".join(
            f"# TYPE {name} {families[name].type}\n"
            + "".join(f"{series} {one}\n" for series, values in by_series.items() for one in values)
            for name, by_series in samples.items()
        )

    def _finish_task(self) -> None:
        agent, workflow, _ = self._rng.choices(WORKFLOWS, weights=[weight for *_, weight in WORKFLOWS])[0]
        status = self._rng.choices([name for name, _ in OUTCOMES], weights=[weight for _, weight in OUTCOMES])[0]
        retried = status == "failed" and self._rng.random() < 0.5  # then it finishes a second time
        self._finished_by_status[status] += not retried
        self._retries.labels(agent, workflow).inc(retried)
        self._finished.labels(status, agent, workflow).inc()
        self._costs.labels(agent, workflow).inc(self._rng.lognormvariate(-1, 0.8))
        self._incomplete.labels(agent, workflow).inc(status == "stopped")
        self._durations.labels(status).observe(self._rng.lognormvariate(5, 1))
        self._waits.observe(self._rng.lognormvariate(0, 1.5))


def _samples(family: Metric) -> Iterator[tuple[str, str, float]]:
    for sample in family.samples:
        if not sample.name.endswith("_created"):
            labels = {**sample.labels, "job": "hookmeter-server", "instance": "127.0.0.1:3000"}
            yield sample.name, ",".join(f'{name}="{value}"' for name, value in labels.items()), sample.value
