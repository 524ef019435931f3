"""gunicorn's gevent worker, which does not wait at its end for connections on which nothing is asked."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from gunicorn.workers.ggevent import GeventWorker

from chatserver.threads.native import new_socket


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Knows which connections idle: browsers, proxies and Prometheus keep theirs open, and some send half a request."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle: set[socket.socket] = set()

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Answer what is asked on a connection, one request after the other."""
        self._wait_for_request(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self._idle.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> None:
        """Answer one request."""
        self._idle.discard(sock)
        super().handle_request(listener_name, req, sock, addr)
        self._wait_for_request(sock)

    def end_idle(self) -> None:
        """Read no more requests from the connections that idle; so they are closed."""
        for client in self._idle:
            own = new_socket(fileno=client.fileno())  # gevent's would fail whoever waits for it, with a traceback
            with suppress(OSError):  # the client was quicker
                own.shutdown(socket.SHUT_RD)
            own.detach()

    def _wait_for_request(self, client: socket.socket) -> None:
        self._idle.add(client)
        if not self.alive:
            self.end_idle()
