"""A chat server's page as it would be on a busy day: tasks come, wait, run and end; people log in and look."""

from __future__ import annotations

import random
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric

WORKFLOWS = (("", "", 5), ("", "nightly-review", 3), ("reviewer", "pull-request", 4))
ENDS = (("completed", 0.93), ("failed", 0.05), ("stopped", 0.02))
ROUTES = (("GET", "/api/metrics", 0.004), ("GET", "/api/tasks", 0.02), ("POST", "/api/tasks", 0.06))
SLOTS = 4


class MadeServer:
    """The metrics, moved on minute by minute. `history` has every sample of every minute."""

    def __init__(self, seed: int = 1) -> None:
        self.registry = CollectorRegistry()
        self._dice = random.Random(seed)
        self._ended = {status: 0 for status, _ in ENDS}
        registry = self.registry
        labels = ("status", "agent", "workflow")
        self._tasks = Gauge("claude_tasks", "Tasks.", ("status",), registry=registry)
        for status in ("pending", "running", *self._ended):
            self._tasks.labels(status)
        self._ready = Gauge("claude_tasks_ready", "Ready.", registry=registry)
        self._finished = Counter("claude_tasks_finished", "Ends.", labels, registry=registry)
        self._retries = Counter("claude_task_retries", "Retries.", ("agent", "workflow"), registry=registry)
        self._costs = Counter("claude_task_cost_usd", "Costs.", ("agent", "workflow"), registry=registry)
        bounds = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)
        self._durations = Histogram(
            "claude_task_duration_seconds", "Runs.", ("status",), buckets=bounds, registry=registry
        )
        waits = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800)
        self._waits = Histogram("claude_task_wait_seconds", "Waits.", buckets=waits, registry=registry)
        self._slots = Gauge("claude_task_slots", "Slots.", ("state",), registry=registry)
        self._requests = Counter("hookmeter_http_requests", "Requests.", ("method", "route", "code"), registry=registry)
        self._answers = Histogram("hookmeter_http_request_duration_seconds", "Answers.", ("route",), registry=registry)
        self._logins = Counter("hookmeter_logins", "Log-ins.", ("result",), registry=registry)
        self._streams = Gauge("hookmeter_streams", "Streams.", registry=registry)
        self._sockets = Gauge("hookmeter_sockets", "Sockets.", registry=registry)
        Gauge("hookmeter_collector_success", "Success.", ("collector",), registry=registry).labels("tasks").set(1)
        for result in ("success", "failure", "limited"):
            self._logins.labels(result)

    def move_on(self) -> None:
        """Let a minute pass."""
        busy = self._dice.choices((0, 1, 2, 3, 4), weights=(2, 3, 3, 2, 2))[0]
        waiting = self._dice.randrange(3) if busy == SLOTS else 0
        for state, number in (("busy", busy), ("free", SLOTS - busy)):
            self._slots.labels(state).set(number)
        for _ in range(self._dice.choices((0, 1, 2), weights=(6, 3, 1))[0]):
            self._end_one()
        self._ready.set(waiting)
        for status, number in {"pending": waiting, "running": busy, **self._ended}.items():
            self._tasks.labels(status).set(number)
        for method, route, seconds in ROUTES:
            code = "401" if self._dice.random() < 0.02 else "200"
            self._requests.labels(method, route, code).inc(self._dice.randrange(1, 9))
            self._answers.labels(route).observe(seconds * self._dice.lognormvariate(0, 0.5))
        if self._dice.random() < 0.05:
            self._logins.labels("failure" if self._dice.random() < 0.2 else "success").inc()
        self._streams.set(self._dice.randrange(1, 4))
        self._sockets.set(self._dice.randrange(4))

    def history(self, start: int, end: int) -> str:
        """Every sample between two moments (in seconds), as OpenMetrics without its end, for a server on `instance`."""
        kinds: dict[str, Metric] = {}
        samples: dict[str, dict[str, list[str]]] = {}
        for moment in range(start, end, 60):
            self.move_on()
            for family in self.registry.collect():
                kinds[family.name] = family
                for name, labels, value in _samples(family):
                    samples.setdefault(family.name, {}).setdefault(f"{name}{{{labels}}}", []).append(
                        f"{value} {moment}"
                    )
        return "".join(
            f"# TYPE {name} {kinds[name].type}\n"
            + "".join(f"{series} {one}\n" for series, values in made.items() for one in values)
            for name, made in samples.items()
        )

    def _end_one(self) -> None:
        agent, workflow, _ = self._dice.choices(WORKFLOWS, weights=[often for *_, often in WORKFLOWS])[0]
        status = self._dice.choices([name for name, _ in ENDS], weights=[often for _, often in ENDS])[0]
        retried = status == "failed" and self._dice.random() < 0.5  # a failed one that is run again ends once more
        self._ended[status] += not retried
        self._retries.labels(agent, workflow).inc(retried)
        self._finished.labels(status, agent, workflow).inc()
        self._costs.labels(agent, workflow).inc(self._dice.lognormvariate(-1, 0.8))
        self._durations.labels(status).observe(self._dice.lognormvariate(5, 1))
        self._waits.observe(self._dice.lognormvariate(0, 1.5))


def _samples(family: Metric) -> Iterator[tuple[str, str, float]]:
    for sample in family.samples:
        if not sample.name.endswith("_created"):
            labels = {**sample.labels, "job": "hookmeter-server", "instance": "127.0.0.1:3000"}
            yield sample.name, ",".join(f'{name}="{value}"' for name, value in labels.items()), sample.value
