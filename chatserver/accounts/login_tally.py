"""Counts logins by their result."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric


class LoginResult(StrEnum):
    """How an attempt to log in ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    LIMITED = "limited"


class LoginTally:
    """Counts attempts to log in. Any thread or greenlet may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _results
        self._results: Counter[LoginResult] = Counter()

    def count_login(self, result: LoginResult) -> None:
        """Count one attempt."""
        with self._lock:
            self._results[result] += 1

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of logins; every result has a series from the start."""
        family = CounterMetricFamily(
            "hookmeter_logins",
            "Total number of login attempts, by result: success, failure (wrong name or password), or limited.",
            labels=("result",),
        )
        for result in LoginResult:
            family.add_metric((result,), self._results[result])
        yield family
