"""A server that keeps what is posted to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue


class Inbox(ThreadingHTTPServer):
    """A server on loopback, and the paths and bodies that were posted to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: Queue[tuple[str, bytes]] = Queue()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = b"".join(self._chunks()) if self.headers["Transfer-Encoding"] else self._read("Content-Length")
        self.send_response(200)
        self.end_headers()
        self.server.received.put((self.path, body))

    def _read(self, header: str) -> bytes:
        return self.rfile.read(int(self.headers[header]))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def open_inbox() -> Iterator[Inbox]:
    """An inbox, until the context ends."""
    with Inbox() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
