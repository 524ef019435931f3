"""The live metrics over HTTP: as a stream of server-sent events, or once as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request

from chatserver.accounts.viewer import Viewer
from chatserver.api.operations import JSON, Operation, described
from chatserver.live.broadcast import TooManyStreamsError
from chatserver.live.listener import connection_of
from chatserver.live.live_metrics import Snapshot, audience_of
from chatserver.live.sse import Frame, retry
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_viewer, shown_identity
from chatserver.services import services
from exporter.snapshot.schema import Metrics

EVENT_STREAM = "text/event-stream"
RETRY_SECONDS = 60
VALID_SECONDS = 2.0  # the streams of one token share a check
# Proxies that buffer would delay events.
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
metrics = Blueprint("metrics", __name__)
IsValid = Callable[[], bool]


@metrics.get("/api/metrics")
@described(
    Operation(
        "Stream the metrics of the last 24 hours",
        str,
        problems=(503,),
        media_type=EVENT_STREAM,
        also={JSON: Metrics},
    )
)
def show() -> Response:
    """The stream, or one snapshot for clients that prefer JSON."""
    if request.accept_mimetypes.best_match([EVENT_STREAM, JSON]) == JSON:
        body = services().live.read_snapshot(current_viewer()).body
        return Response(body, headers={"Cache-Control": "no-store"}, content_type=JSON)
    response = Response(headers=STREAM_HEADERS, content_type=EVENT_STREAM)
    if request.method != "HEAD":
        response.response = _stream(current_viewer())
    return response


def _opening(snapshot: Snapshot) -> Frame:
    """The first events of a stream: the snapshot, unless the client has it from an earlier stream."""
    has_it = request.headers.get("Last-Event-ID") == snapshot.snapshot_id
    return Frame.of(retry() + ("" if has_it else snapshot.event()), snapshot.snapshot_id)


def _stream(viewer: Viewer) -> list[bytes] | Iterator[bytes]:
    live, connection = services().live, connection_of(request.environ)
    # Published, so that no stream is sent an older snapshot than the one that it begins with.
    opening = _opening(live.publish_snapshot(viewer))
    if connection is None:  # the client will reconnect, and so gets its events one by one
        return [opening.plain]
    try:
        body = live.broadcaster.stream(connection, opening, _validity(), audience_of(viewer))
    except TooManyStreamsError as error:
        raise Problem(503, str(error), {"Retry-After": str(RETRY_SECONDS)}) from error
    live.watch()
    return body


def _validity() -> IsValid:
    """A check whether the token of the request is still valid."""
    tokens, identity = services().tokens, shown_identity()
    if identity is None:
        return lambda: True
    return lambda: tokens.is_valid(identity, within_seconds=VALID_SECONDS)
