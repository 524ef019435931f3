"""gunicorn's gevent worker, which does not wait for idle connections when it ends."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from gunicorn.workers.ggevent import GeventWorker

from chatserver.threads.native import new_socket


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Tracks idle connections: those that are kept open, and those on which half a request was sent."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle: set[socket.socket] = set()

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Answer the requests of a connection."""
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
        """Shut down idle connections for reading, so that they are closed."""
        for client in self._idle:
            own = new_socket(fileno=client.fileno())  # gevent's would raise in the greenlet that waits for it
            with suppress(OSError):  # the client has closed before
                own.shutdown(socket.SHUT_RD)
            own.detach()

    def _wait_for_request(self, client: socket.socket) -> None:
        self._idle.add(client)
        if not self.alive:
            self.end_idle()
