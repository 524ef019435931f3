"""The metrics of the server itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector

from chatserver.accounts.login_tally import LoginTally
from chatserver.live.broadcast import Broadcaster
from chatserver.monitoring.request_tally import RequestTally
from exporter.collectors.isolated import Collector, IsolatedCollectors


class TaskSource(Protocol):
    """A source of the metrics of tasks."""

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics of tasks."""


class ServerMetrics:
    """The server's counters, and its page for Prometheus."""

    def __init__(self, broadcaster: Broadcaster, count_sockets: Callable[[], int], tasks: TaskSource) -> None:
        self.requests = RequestTally()
        self.logins = LoginTally()
        self.broadcaster = broadcaster
        self.count_sockets = count_sockets
        self.tasks = tasks
        self._collectors = IsolatedCollectors(self, COLLECTORS)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self._collectors)
        ProcessCollector(registry=self._registry)

    def page(self) -> bytes:
        """The page in Prometheus' text format, with the metrics of the process."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics but those of the process."""
        return self._collectors.collect()


def _connections(metrics: ServerMetrics) -> Iterator[Metric]:
    """Yield the metrics of streams and sockets."""
    broadcaster, written = metrics.broadcaster, metrics.broadcaster.written
    yield GaugeMetricFamily(
        "hookmeter_streams", "Open event streams of live metrics (/api/metrics).", broadcaster.streams
    )
    yield GaugeMetricFamily("hookmeter_sockets", "Open chat sockets.", metrics.count_sockets())
    yield CounterMetricFamily(
        "hookmeter_stream_sent_bytes",
        "Total number of bytes sent on event streams after their first event.",
        written.sent_bytes,
    )
    yield CounterMetricFamily(
        "hookmeter_streams_dropped",
        "Total number of event streams closed because the client did not read.",
        written.dropped,
    )
    yield CounterMetricFamily(
        "hookmeter_streams_refused",
        "Total number of event streams refused because too many were open.",
        broadcaster.refused,
    )


COLLECTORS: tuple[tuple[str, Collector[ServerMetrics]], ...] = (
    ("requests", lambda metrics: metrics.requests.collect()),
    ("logins", lambda metrics: metrics.logins.collect()),
    ("connections", _connections),
    ("tasks", lambda metrics: metrics.tasks.collect()),
)
