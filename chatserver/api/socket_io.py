"""The WebSocket at /socket.io/: checks before the handshake, then a connection of the hub."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Callable

from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState
from flask_sock import Sock
from simple_websocket import Server
from wsproto.frame_protocol import CloseReason

from chatserver.chat.frames import close_frame
from chatserver.chat.send_queue import SendQueue
from chatserver.middleware.gate import TOKEN_COOKIE, check_socket, public
from chatserver.services import services

PATH = "/socket.io/"
QUEUE_BYTES = 1024 * 1024
# The headers of the handshake. Others, such as the offer to compress at 100 KB per connection, are dropped.
HANDSHAKE = frozenset(
    {"HTTP_HOST", "HTTP_UPGRADE", "HTTP_CONNECTION", "HTTP_SEC_WEBSOCKET_KEY", "HTTP_SEC_WEBSOCKET_VERSION"}
)
# Errors of a handshake with the codes and texts of Engine.IO.
UNKNOWN_TRANSPORT = (0, "Transport unknown")
UNKNOWN_SESSION = (1, "Session ID unknown")
WRONG_METHOD = (2, "Bad handshake method")
BAD_REQUEST = (3, "Bad request")
WRONG_PROTOCOL = (5, "Unsupported protocol version")

socket_io = Blueprint("socket_io", __name__)
_sock = Sock()


class _NoReader(threading.Thread):
    """Replaces simple-websocket's own reader, which has no limits."""

    def start(self) -> None:
        """Do nothing: the connection reads the socket."""


@socket_io.record_once
def configure(state: BlueprintSetupState) -> None:
    """Have simple-websocket leave reading to the connection."""
    state.app.config["SOCK_SERVER_OPTIONS"] = {"thread_class": _NoReader}


@_sock.route(PATH, bp=socket_io, strict_slashes=False)  # type: ignore[untyped-decorator]  # the library has no types
@public  # the token comes with CONNECT
def serve_client(opened: Server) -> None:
    """Serve a client until its socket closes."""
    opened.connected = False  # simple-websocket is used for the handshake only
    overflow = close_frame(CloseReason.TRY_AGAIN_LATER, "The client is too slow.")
    services().hub.serve(SendQueue(opened.sock, QUEUE_BYTES, overflow), g.cookie_token)


@socket_io.route(PATH, methods=["GET", "POST"], strict_slashes=False)
@public
def refuse_polling() -> Response:
    """Refuse requests without a WebSocket handshake."""
    return _refusal(BAD_REQUEST)


@socket_io.before_request
def check_handshake() -> Response | None:
    """Refuse invalid handshakes."""
    check_socket(request)
    for is_met, error in CHECKS:
        if not is_met():
            return _refusal(error)
    if request.url_rule is None or not request.url_rule.websocket:
        return None
    if services().hub.is_full:
        return Response("Too many sockets are open; try again in 10 seconds.\n", 503, {"Retry-After": "10"})
    g.cookie_token = request.cookies.get(TOKEN_COOKIE)
    for name in [name for name in request.environ if name.startswith("HTTP_") and name not in HANDSHAKE]:
        del request.environ[name]
    return None


def _refusal(error: tuple[int, str]) -> Response:
    code, message = error
    return Response(json.dumps({"code": code, "message": message}), 400, content_type="application/json")


def _has_key() -> bool:
    try:
        return len(b64decode(request.environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)) == 16
    except ValueError:
        return False


def _has_socket() -> bool:
    """Whether the WSGI server provides the request's socket."""
    return "werkzeug.socket" in request.environ or "gunicorn.socket" in request.environ


# The conditions of a handshake, and the error where one is not met.
CHECKS: tuple[tuple[Callable[[], bool], tuple[int, str]], ...] = (
    (lambda: request.args.get("transport") == "websocket", UNKNOWN_TRANSPORT),
    (lambda: request.args.get("EIO") == "4", WRONG_PROTOCOL),
    (lambda: "sid" not in request.args, UNKNOWN_SESSION),
    (lambda: request.method == "GET", WRONG_METHOD),
    (lambda: request.environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13", BAD_REQUEST),
    (_has_key, BAD_REQUEST),
    (_has_socket, BAD_REQUEST),
)
