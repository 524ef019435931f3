"""A client of a stream: a socket that the server owns, and the publisher writes to."""

from __future__ import annotations

import select
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chatserver.live.sse import Frame
from chatserver.threads.native import new_lock, new_socket

# A larger buffer would hide for long that the client does not read.
SEND_BUFFER_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Connection:
    """The socket of a request, and whether its response goes out in chunks."""

    fd: int
    chunked: bool


def connection_of(environ: dict[str, Any]) -> Connection | None:
    """The socket of a request; None where the server has none that another thread can write to."""
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if not isinstance(found, socket.socket) or isinstance(found, ssl.SSLSocket):
        return None
    if "werkzeug.socket" not in environ:
        return Connection(found.fileno(), environ["SERVER_PROTOCOL"] == "HTTP/1.1")
    # With threads, werkzeug always sends chunks; without, it could serve nothing else meanwhile.
    return Connection(found.fileno(), chunked=True) if environ["wsgi.multithread"] else None


class Listener:
    """A client's socket, which gets the messages of its audience.

    Where it is not writable, the rest of a partly sent frame is kept, and of later frames the newest. The lock prevents
    writes to a descriptor that was closed and may be reused.
    """

    def __init__(self, connection: Connection, seen_id: str, audience: str = "") -> None:
        self.fd = connection.fd
        self.audience = audience
        self.seen_id = seen_id
        self.stuck_since: float | None = None
        self._chunked = connection.chunked
        self._lock = new_lock()
        self._socket: socket.socket | None = new_socket(fileno=connection.fd)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._rest = b""
        self._next: Frame | None = None

    def offer(self, frame: Frame, now: float) -> int:
        """Send a frame as far as possible, or keep it in place of an older one. Returns the number of bytes sent."""
        with self._lock:
            if self.stuck_since is None:
                return self._send(frame, now)
            self._next = frame
            return 0

    def flush(self, now: float) -> int:
        """Send what was kept as far as possible. Returns the number of bytes sent."""
        with self._lock:
            sent = self._write(self._rest)
            self._rest = self._rest[sent:]
            if self._rest or self._socket is None:
                return sent
            self.stuck_since = None
            frame, self._next = self._next, None
            return sent + (self._send(frame, now) if frame else 0)

    def end(self, goodbye: Frame) -> None:
        """Send a last frame and have the server end the response; after a partly sent frame, break the connection."""
        with self._lock:
            framed = self._framed(goodbye)
            whole = not self._rest and self._write(framed) == len(framed)
            self._release(socket.SHUT_RD if whole else socket.SHUT_RDWR)

    def drop(self) -> None:
        """Break the connection."""
        with self._lock:
            self._release(socket.SHUT_RDWR)

    def leave(self) -> None:
        """Stop using the socket, which the server is about to close."""
        with self._lock:
            self._release(None)

    def wait(self, seconds: float) -> bool:
        """Wait for the client to disconnect, and return whether it did; to send anything counts as that, too."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _send(self, frame: Frame, now: float) -> int:
        framed = self._framed(frame)
        sent = self._write(framed)
        if self._socket is None or sent == len(framed):
            self.seen_id = frame.message_id or self.seen_id
            return sent
        self.stuck_since = now
        if sent:
            self._rest, self.seen_id = framed[sent:], frame.message_id or self.seen_id
        else:
            self._next = frame
        return sent

    def _framed(self, frame: Frame) -> bytes:
        return frame.chunked if self._chunked else frame.plain

    def _write(self, data: bytes) -> int:
        if self._socket is None or not data:
            return 0
        try:
            return self._socket.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        except OSError:  # the client has disconnected, which the server notices by itself
            self._release(None)
            return 0

    def _release(self, shut: int | None) -> None:
        """Stop using the socket. Shutting it down wakes the server's thread, which then ends the response."""
        if self._socket is None:
            return
        if shut is not None:
            with suppress(OSError):  # the client has disconnected before
                self._socket.shutdown(shut)
        self._socket.detach()
        self._socket, self._rest, self._next, self.stuck_since = None, b"", None, None
