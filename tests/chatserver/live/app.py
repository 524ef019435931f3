"""A small app that streams, for the tests: run in this process, or by gunicorn in one of its own."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry

from chatserver.accounts.tokens import Tokens
from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.api import server_metrics
from chatserver.api.metrics import metrics
from chatserver.live.broadcast import Broadcaster
from chatserver.live.listener import connection_of
from chatserver.live.live_metrics import LiveMetrics
from chatserver.live.sse import Frame, event
from chatserver.middleware import errors
from chatserver.monitoring.server_metrics import ServerMetrics
from chatserver.services import EXTENSION
from exporter import metrics as aggregation
from exporter.metrics import MetricsAggregator
from exporter.snapshot.figures import FinishedTask
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.task_source import Task

LOOK_SECONDS = 0.02


@dataclass
class Tasks:
    """Tasks of which there are as many as a test says."""

    numbers: Counter[str] = field(default_factory=Counter)
    asked: int = 0

    def counts(self, _viewer: Any, /) -> Mapping[str, int]:
        self.asked += 1
        return self.numbers

    def finished_since(self, _since_us: int, /) -> Iterable[FinishedTask]:
        return ()

    def open_tasks(self, _viewer: Any, /) -> Iterable[Task]:
        return ()

    def recently_ended(self, _viewer: Any, /) -> Iterable[Task]:
        return ()

    def get(self, prefix: str, _viewer: Any, /) -> Task:
        raise KeyError(prefix)


@dataclass(frozen=True)
class Parts:
    """What the views find as the app's services."""

    live: LiveMetrics
    metrics: ServerMetrics
    tokens: Tokens | None = None


def create_app(directory: str | None = None, **bounds: Any) -> Flask:
    """Without a directory, everything is as the environment's LIVE_TEST says."""
    if directory is None:
        told = json.loads(os.environ["LIVE_TEST"])
        directory, bounds = told.pop("directory"), told
    aggregation.CACHE_SECONDS = LOOK_SECONDS
    app = Flask(__name__, static_folder=None)
    broadcaster = Broadcaster(**bounds)
    tasks = Tasks()
    aggregator = MetricsAggregator(tasks, LiveSessions(Path(directory)), None)  # type: ignore[arg-type] # no test asks for a session
    live = LiveMetrics(aggregator, broadcaster, LOOK_SECONDS, sessions_of=lambda _: frozenset())
    app.extensions[EXTENSION] = Parts(live, ServerMetrics(broadcaster, lambda: 0, CollectorRegistry()))
    errors.install(app)
    server_metrics.install(app)
    for blueprint in (metrics, server_metrics.server_metrics):
        app.register_blueprint(blueprint)
    valid = threading.Event()
    valid.set()

    @app.before_request
    def admit() -> None:
        g.identity, g.viewer = None, LOCAL_ADMIN

    @app.get("/stream")
    def stream() -> Response:
        connection = connection_of(request.environ)
        assert connection
        body = broadcaster.stream(connection, Frame.of(event("hello"), "hello"), valid.is_set)
        return Response(body, content_type="text/event-stream")

    @app.post("/publish/<message_id>")
    def publish(message_id: str) -> str:
        broadcaster.publish(Frame.of(event(request.get_data(as_text=True), message_id=message_id), message_id))
        return "published"

    @app.post("/tasks/<int:running>")
    def set_tasks(running: int) -> str:
        tasks.numbers["running"] = running
        return "set"

    @app.post("/revoke")
    def revoke() -> str:
        valid.clear()
        return "revoked"

    @app.post("/close")
    def close() -> str:
        live.close()
        return "closed"

    @app.get("/numbers")
    def numbers() -> dict[str, int]:
        written = broadcaster.written
        return {
            "streams": broadcaster.streams,
            "dropped": written.dropped,
            "refused": broadcaster.refused,
            "sent_bytes": written.sent_bytes,
            "computed": tasks.asked,
        }

    return app
