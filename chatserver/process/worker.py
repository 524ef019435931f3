"""gunicorn's gevent worker, which waits neither for slow clients nor, when it ends, for idle ones."""

from __future__ import annotations

import socket
import time
from typing import Any

from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from chatserver.process.connections import Connections
from chatserver.process.refusals import refusal


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Tracks the connections that wait for their clients: for a request, for the rest of one, or for its body."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connections = Connections(self.worker_connections)

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Answer the requests of a connection."""
        self._connections.add(client, str(addr[0]) if addr else "", time.monotonic())
        self._end_idle_if_stopping()
        try:
            super().handle(listener, client, addr)
        finally:
            self._connections.remove(client)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> None:
        """Answer one request."""
        self._connections.answer(sock, time.monotonic(), lambda: _is_incomplete(req.body.reader))
        super().handle_request(listener_name, req, sock, addr)
        self._connections.wait_for_request(sock, time.monotonic())
        self._end_idle_if_stopping()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Refuse a request that cannot be parsed."""
        response = refusal(exc)
        if response is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Invalid request from %s: %s", addr[0] if addr else "", exc)
        try:
            write_nonblock(client, response)
        except OSError:
            self.log.debug("A refused client was gone.")

    def notify(self) -> None:
        """Tell the parent process, once a second, that this one is alive."""
        super().notify()
        self._connections.end_late(time.monotonic())

    def end_idle(self) -> None:
        """End idle connections."""
        self._connections.end_idle()

    def _end_idle_if_stopping(self) -> None:
        if not self.alive:
            self.end_idle()


def _is_incomplete(reader: Any) -> bool:
    """Whether a part of a body is missing, by gunicorn's reader of bodies with a length or in chunks."""
    return getattr(reader, "length", 0) > 0 or getattr(reader, "parser", None) is not None
