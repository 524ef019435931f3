"""The server's page for Prometheus, and the hooks that count requests for it."""

from __future__ import annotations

from time import perf_counter

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from chatserver.api.operations import Operation, described
from chatserver.middleware.gate import public
from chatserver.services import services

server_metrics = Blueprint("server_metrics", __name__)


def install(app: Flask) -> None:
    """Count and time all requests of the app; the timer starts before all other hooks."""
    app.before_request_funcs.setdefault(None, []).insert(0, _start_timer)
    app.after_request(_count_request)


@server_metrics.get("/metrics")
@public
@described(Operation("The server's own metrics, for Prometheus", str, media_type="text/plain"))
def show() -> Response:
    """In Prometheus' text format."""
    return Response(services().metrics.page(), content_type=CONTENT_TYPE_LATEST)


def _start_timer() -> None:
    g.request_began = perf_counter()


def _count_request(response: Response) -> Response:
    rule = request.url_rule.rule if request.url_rule else None
    is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    seconds = None if is_socket else perf_counter() - g.request_began
    services().metrics.requests.count_response(request.method, rule, response.status_code, seconds)
    return response
