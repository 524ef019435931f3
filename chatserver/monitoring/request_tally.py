"""Counts and durations of HTTP requests."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

BOUNDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"


class RequestTally:
    """Counts responses. Any thread or greenlet may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the three below
        self._responses: Counter[tuple[str, str, str]] = Counter()
        self._durations: dict[str, Counter[int]] = {}
        self._seconds: dict[str, float] = {}

    def count_response(self, method: str, route: str | None, code: int, seconds: float | None) -> None:
        """Count a response by its route, never by its path. That of a WebSocket has no duration."""
        route = route or OTHER
        with self._lock:
            self._responses[method if method in METHODS else OTHER, route, str(code)] += 1
            if seconds is not None:
                self._durations.setdefault(route, Counter())[bisect_left(BOUNDS, seconds)] += 1
                self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of requests."""
        responses = CounterMetricFamily(
            "hookmeter_http_requests",
            "Total number of HTTP requests, by method, route (other if none matches) and status code.",
            labels=("method", "route", "code"),
        )
        durations = HistogramMetricFamily(
            "hookmeter_http_request_duration_seconds",
            "Time until the start of the response, by route; sockets are excluded.",
            labels=("route",),
        )
        with self._lock:
            for labels, number in sorted(self._responses.items()):
                responses.add_metric(labels, number)
            for route, counts in sorted(self._durations.items()):
                sums = accumulate(counts[number] for number in range(len(BOUNDS) + 1))
                buckets = list(zip([*map(repr, BOUNDS), "+Inf"], sums, strict=True))
                durations.add_metric((route,), buckets, self._seconds[route])
        yield from (responses, durations)
