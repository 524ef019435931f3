"""A socket whose sends are whole, in order and bounded: simple-websocket ignores that a send may be short."""

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
SEND_BUFFER_BYTES = 64 * 1024  # the kernel's own default would hide a slow reader behind megabytes
JOIN_SECONDS = 5.0
LATER_BYTES = 512  # what frames take that are yet to be made


class SendQueue:
    """Queues what is sent, and writes it by a thread of its own; `send` never waits.

    Once more than `limit` bytes wait, the client is too slow: what waits is dropped, and `overflow` is its last frame.
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
        """When (time.monotonic) its last frame was given, None before."""
        return self._finished_at

    def stuck_seconds(self) -> float:
        """How long the client has not taken the frame that is being written."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def send(self, data: bytes) -> None:
        """Have bytes written after those before them; after the last frame, nothing is."""
        self._add(data)

    def later(self, frames: Frames) -> None:
        """Have frames made, and written, when all before them are."""
        self._add(frames)

    def finish(self, last: bytes) -> None:
        """Have a last frame written, after those that wait; only the first call counts."""
        with self._changed:
            self._end(last, drop=False)

    def readable(self, seconds: float) -> bool:
        """Whether the client has sent something, or gone, within a time."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(max(0.0, seconds) * 1000))

    def recv(self, size: int) -> bytes:
        """Bytes of the client; none once it has gone."""
        try:
            return self._socket.recv(size)
        except OSError:
            return b""

    def cut(self) -> None:
        """End both directions at once; whoever reads or writes is woken."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it, and the thread; the descriptor is the server's."""
        self.finish(b"")
        self.cut()
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
                    self._send_made(item())
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.cut()  # so that the reader, too, knows that the client has gone

    def _next(self) -> bytes | Frames | None:
        with self._changed:
            while not self._queue:
                if self._finished_at is not None:
                    return None
                self._changed.wait()
            item = self._queue.popleft()
            self._bytes -= _size(item)
            return item

    def _send_made(self, frames: Iterable[bytes]) -> None:
        for frame in frames:
            if self._finished_at is not None:
                return  # there may be many, and the last one is not to wait for them
            self._send_whole(frame)

    def _send_whole(self, data: bytes) -> None:
        self._busy_since = time.monotonic()
        self._socket.sendall(data)
        self._busy_since = None


def _size(item: bytes | Frames) -> int:
    return len(item) if isinstance(item, bytes) else LATER_BYTES
