"""A bounded queue of frames in front of a socket: simple-websocket ignores that a send may be partial."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeAlias

Frames: TypeAlias = Callable[[], Iterable[bytes]]
SEND_BUFFER_BYTES = 64 * 1024  # the kernel's default would hide a slow reader behind megabytes
JOIN_SECONDS = 5.0
LAZY_BYTES = 512  # counted for frames that are yet to be made


class SendQueue:
    """Sends frames whole and in order, from a thread of its own; `send` never blocks. It also reads the socket.

    When more than `limit` bytes are queued, the client is too slow: they are dropped, and `overflow` is the last frame.
    """

    def __init__(self, sock: socket.socket, limit: int, overflow: bytes) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(None)
        self._socket = sock
        self._limit = limit
        self._overflow = overflow
        self._changed = threading.Condition()
        # Guarded by the condition:
        self._queue: deque[bytes | Frames] = deque()
        self._bytes = 0
        self._busy_since: float | None = None
        self._finished_at: float | None = None
        self._writer = threading.Thread(target=self._write, name="chat writer", daemon=True)
        self._writer.start()

    @property
    def finished_at(self) -> float | None:
        """The time.monotonic() at which the last frame was queued, None before."""
        return self._finished_at

    def stuck_seconds(self) -> float:
        """For how many seconds the client has blocked the current frame."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def send(self, data: bytes) -> None:
        """Queue a frame; after the last frame it is dropped."""
        self._add(data)

    def send_lazily(self, frames: Frames) -> None:
        """Queue a function whose frames are made and sent when all before them are sent."""
        self._add(frames)

    def finish(self, last: bytes) -> None:
        """Queue the last frame; further calls are ignored."""
        with self._changed:
            self._end(last, drop=False)

    def wait_readable(self, seconds: float) -> bool:
        """Wait for the client to send something or to close, and return whether it did within this time."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(max(0.0, seconds) * 1000))

    def receive(self, size: int) -> bytes:
        """Read bytes from the client; empty after it has closed."""
        try:
            return self._socket.recv(size)
        except OSError:
            return b""

    def abort(self) -> None:
        """Shut down both directions at once, which wakes readers and writers."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Shut down the socket and end the thread; the server closes the descriptor."""
        self.finish(b"")
        self.abort()
        self._writer.join(JOIN_SECONDS)

    def _add(self, item: bytes | Frames) -> None:
        with self._changed:
            if self._bytes > self._limit:
                self._end(self._overflow, drop=True)
            elif self._finished_at is None:
                self._put(item)

    def _put(self, item: bytes | Frames) -> None:
        self._queue.append(item)
        self._bytes += _size(item)
        self._changed.notify()

    def _end(self, last: bytes, *, drop: bool) -> None:
        if self._finished_at is not None:
            return
        if drop:
            self._queue.clear()
            self._bytes = 0
        self._put(last)
        self._finished_at = time.monotonic()

    def _write(self) -> None:
        try:
            while (item := self._next()) is not None:
                if isinstance(item, bytes):
                    self._send_whole(item)
                else:
                    self._send_lazy(item())
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.abort()  # so that the reader learns that the client has closed

    def _next(self) -> bytes | Frames | None:
        with self._changed:
            while not self._queue:
                if self._finished_at is not None:
                    return None
                self._changed.wait()
            item = self._queue.popleft()
            self._bytes -= _size(item)
            return item

    def _send_lazy(self, frames: Iterable[bytes]) -> None:
        for frame in frames:
            if self._finished_at is not None:
                return  # there may be many, and the last frame must not wait for them
            self._send_whole(frame)

    def _send_whole(self, data: bytes) -> None:
        self._busy_since = time.monotonic()
        self._socket.sendall(data)
        self._busy_since = None


def _size(item: bytes | Frames) -> int:
    return len(item) if isinstance(item, bytes) else LAZY_BYTES
