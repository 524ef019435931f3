"""What the server says of itself to Prometheus, and the page that it says it on."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from time import perf_counter

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from chatserver.api.operations import Operation, described
from chatserver.live.broadcast import Broadcaster
from chatserver.web.gate import public
from chatserver.web.request_tally import RequestTally

log = logging.getLogger(__name__)
EXTENSION = "hookmeter_server_metrics"
Collect = Callable[[], Iterable[Metric]]
page = Blueprint("server_metrics", __name__)


class LoginResult(StrEnum):
    """What became of a log-in."""

    SUCCESS = "success"
    FAILURE = "failure"
    LIMITED = "limited"


class ServerMetrics(Collector):
    """The metrics of the server's parts, each isolated: one that fails costs its own metrics, and no other's."""

    def __init__(self, broadcaster: Broadcaster, sockets: Callable[[], int]) -> None:
        self.requests = RequestTally()
        self._lock = threading.Lock()  # over the one below
        self._logins: Counter[LoginResult] = Counter()
        self._parts: list[tuple[str, Collect]] = [
            ("requests", self.requests.collect),
            ("logins", self._collect_logins),
            ("connections", partial(_connections, broadcaster, sockets)),
        ]
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def add(self, name: str, collect: Collect) -> None:
        """Put the metrics of another part on the page."""
        self._parts.append((name, collect))

    def count_login(self, result: LoginResult) -> None:
        """Count a log-in."""
        with self._lock:
            self._logins[result] += 1

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

    def _collect_logins(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "hookmeter_logins",
            "Log-ins: success, failure (a wrong name or password), or limited (refused, after too many).",
            labels=("result",),
        )
        for result in LoginResult:
            family.add_metric((result,), self._logins[result])
        yield family


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


def install(app: Flask, metrics: ServerMetrics) -> None:
    """Count the app's requests, from before its other functions look at them, and serve the page."""
    app.extensions[EXTENSION] = metrics
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request(_count)
    app.register_blueprint(page)


@page.get("/metrics")
@public
@described(Operation("The server's own metrics, for Prometheus", str, media_type="text/plain"))
def show() -> Response:
    """In Prometheus' text format."""
    return Response(_metrics().page(), content_type=CONTENT_TYPE_LATEST)


def _begin() -> None:
    g.began = perf_counter()


def _count(response: Response) -> Response:
    rule = request.url_rule.rule if request.url_rule else None
    is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    seconds = None if is_socket else perf_counter() - g.began
    _metrics().requests.count(request.method, rule, response.status_code, seconds)
    return response


def _metrics() -> ServerMetrics:
    found: ServerMetrics = current_app.extensions[EXTENSION]
    return found
