"""One who listens to a stream: a socket that the publisher writes to, beside the server that owns it."""

from __future__ import annotations

import select
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chatserver.live.sse import Frame
from chatserver.threads.native import new_lock, new_socket

# More would hide for long that nobody reads at the other end.
SEND_BUFFER_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Connection:
    """The socket of a request, and whether its response goes out in chunks."""

    fd: int
    chunked: bool


def connection_of(environ: dict[str, Any]) -> Connection | None:
    """The socket of a request; None where its server shows none that can be written to beside it."""
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if not isinstance(found, socket.socket) or isinstance(found, ssl.SSLSocket):
        return None
    if "werkzeug.socket" not in environ:
        return Connection(found.fileno(), environ["SERVER_PROTOCOL"] == "HTTP/1.1")
    # With threads it sends chunks, whatever the client asked in; without, it could do nothing else meanwhile.
    return Connection(found.fileno(), chunked=True) if environ["wsgi.multithread"] else None


class Listener:
    """A client's socket; its audience says which messages are for it.

    What it cannot take at once waits: the end of a cut frame, and of all others the newest. The lock makes sure that a
    descriptor that was closed, and perhaps given to another, is never written to.
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
        """Send a frame as far as it goes, or keep it in place of an older one that waits: how many bytes were sent."""
        with self._lock:
            if self.stuck_since is None:
                return self._send(frame, now)
            self._next = frame
            return 0

    def flush(self, now: float) -> int:
        """Send what waits, as far as it goes: how many bytes were sent."""
        with self._lock:
            sent = self._write(self._rest)
            self._rest = self._rest[sent:]
            if self._rest or self._socket is None:
                return sent
            self.stuck_since = None
            frame, self._next = self._next, None
            return sent + (self._send(frame, now) if frame else 0)

    def end(self, bye: Frame) -> None:
        """Say good-bye, and have the server end the response; one that is cut cannot be ended well."""
        with self._lock:
            framed = self._framed(bye)
            whole = not self._rest and self._write(framed) == len(framed)
            self._let_go(socket.SHUT_RD if whole else socket.SHUT_RDWR)

    def drop(self) -> None:
        """Break the connection off."""
        with self._lock:
            self._let_go(socket.SHUT_RDWR)

    def leave(self) -> None:
        """Touch the socket no more: the server is about to close it."""
        with self._lock:
            self._let_go(None)

    def wait(self, seconds: float) -> bool:
        """Wait for the client to leave, or to say something, which nobody does who listens; whether it did."""
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
        except OSError:  # the client has gone; the server learns of it by itself
            self._let_go(None)
            return 0

    def _let_go(self, shut: int | None) -> None:
        """Write nothing from now on; a connection that is shut wakes the server's thread, which ends the response."""
        if self._socket is None:
            return
        if shut is not None:
            with suppress(OSError):  # the client was quicker
                self._socket.shutdown(shut)
        self._socket.detach()
        self._socket, self._rest, self._next, self.stuck_since = None, b"", None, None
