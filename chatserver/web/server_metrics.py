"""The server's own metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from chatserver.accounts.login_tally import LoginTally
from chatserver.live.broadcast import Broadcaster
from chatserver.web.request_tally import RequestTally

log = logging.getLogger(__name__)
Collect = Callable[[], Iterable[Metric]]


class ServerMetrics(Collector):
    """The metrics of the server's parts, each isolated: one that fails costs its own metrics, and no other's."""

    def __init__(self, broadcaster: Broadcaster, sockets: Callable[[], int]) -> None:
        self.requests = RequestTally()
        self.logins = LoginTally()
        self._parts: list[tuple[str, Collect]] = [
            ("requests", self.requests.collect),
            ("logins", self.logins.collect),
            ("connections", partial(_connections, broadcaster, sockets)),
        ]
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def add(self, name: str, collect: Collect) -> None:
        """Put the metrics of another part on the page."""
        self._parts.append((name, collect))

    def page(self) -> bytes:
        """Everything that there is to say at this moment, in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """The same as metrics, but for what the process itself uses."""
        success = GaugeMetricFamily(
            "hookmeter_collector_success",
            "Whether a collector could say all that it has to say.",
            labels=("collector",),
        )
        for name, collect in self._parts:
            families = _try(name, collect)
            yield from families or ()
            success.add_metric((name,), families is not None)
        yield success


def _try(name: str, collect: Collect) -> list[Metric] | None:
    try:
        return list(collect())
    except Exception:  # the page must survive whatever is wrong with one part, and says so on itself
        log.exception("The collector %s failed; its metrics are missing from the page.", name)
        return None


def _connections(broadcaster: Broadcaster, sockets: Callable[[], int]) -> Iterator[Metric]:
    """The metrics of what is connected for long."""
    written = broadcaster.written
    yield GaugeMetricFamily("hookmeter_streams", "Clients that follow /api/metrics.", broadcaster.streams)
    yield GaugeMetricFamily("hookmeter_sockets", "Chat sockets that are open.", sockets())
    yield CounterMetricFamily(
        "hookmeter_stream_sent_bytes", "Bytes that were sent on streams, after their first event.", written.sent_bytes
    )
    yield CounterMetricFamily(
        "hookmeter_streams_dropped", "Streams that were broken off, because the client took no data.", written.dropped
    )
    yield CounterMetricFamily(
        "hookmeter_streams_refused", "Streams that were refused, because too many were open.", broadcaster.refused
    )
