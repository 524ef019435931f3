"""The thread that writes to the sockets of all clients: a native thread, also in a process with greenlets."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from chatserver.live.listener import Listener
from chatserver.live.sse import HEARTBEAT, Frame
from chatserver.threads.native import new_lock, new_poll, start_thread


@dataclass(slots=True)
class Written:
    """Counters, which only the thread changes."""

    sent_bytes: int = 0
    dropped: int = 0


class Publisher:
    """Writes the newest message to every listener that does not have it, and regular heartbeats.

    The thread starts with the first `wake`, and ends after `end`. Any thread may call any method.
    """

    def __init__(self, listeners: Callable[[], list[Listener]], heartbeat_seconds: float, stuck_seconds: float) -> None:
        self.written = Written()
        self._listeners = listeners
        self._heartbeat_seconds = heartbeat_seconds
        self._stuck_seconds = stuck_seconds
        self._lock = new_lock()
        self._newest: dict[str, Frame] = {}
        self._goodbye: Frame | None = None
        self._wake_fd: int | None = None
        self._beat_at = 0.0

    def set_newest(self, message: Frame, audience: str) -> None:
        """Set the newest message of an audience; those of audiences without listeners are dropped."""
        present = {listener.audience for listener in self._listeners()}
        with self._lock:
            kept = {name: frame for name, frame in self._newest.items() if name in present}
            self._newest = kept | {audience: message}

    def end(self, goodbye: Frame) -> None:
        """Send a last frame to all listeners, and end the thread."""
        with self._lock:
            self._goodbye = goodbye
        self.wake()

    def wake(self) -> None:
        """Have the thread check for messages, and start it if needed."""
        with self._lock:
            if self._wake_fd is None:
                reading, self._wake_fd = os.pipe()
                os.set_blocking(self._wake_fd, False)
                start_thread(self._run, (reading,))
            with suppress(BlockingIOError):  # the pipe is full, so the thread will wake
                os.write(self._wake_fd, b"\0")

    def _run(self, reading: int) -> None:
        stuck: list[Listener] = []
        self._beat_at = monotonic() + self._heartbeat_seconds
        while self._goodbye is None:
            ready = _ready(reading, stuck, self._next_deadline(stuck) - monotonic())
            if reading in ready:
                os.read(reading, 1 << 16)
            self._write(ready, stuck, monotonic())
            stuck = [listener for listener in self._listeners() if listener.stuck_since is not None]
        for listener in self._listeners():
            listener.end(self._goodbye)
        with self._lock:
            os.close(reading)
            if self._wake_fd is not None:
                os.close(self._wake_fd)
            self._wake_fd = None

    def _write(self, ready: Collection[int], stuck: list[Listener], now: float) -> None:
        sent = sum(listener.flush(now) for listener in stuck if listener.fd in ready)
        newest, listeners = self._newest, self._listeners()
        for one in listeners:
            message = newest.get(one.audience)
            if message and one.seen_id != message.message_id:
                sent += one.offer(message, now)
        if now >= self._beat_at:
            self._beat_at = now + self._heartbeat_seconds
            sent += sum(one.offer(HEARTBEAT, now) for one in listeners if one.stuck_since is None)
        self.written.sent_bytes += sent
        for listener in stuck:
            if listener.stuck_since is not None and now >= listener.stuck_since + self._stuck_seconds:
                listener.drop()
                self.written.dropped += 1

    def _next_deadline(self, stuck: list[Listener]) -> float:
        """The time.monotonic() of the next heartbeat, or at which a listener has been stuck for too long."""
        since = [listener.stuck_since for listener in stuck]
        return min([self._beat_at, *(one + self._stuck_seconds for one in since if one is not None)])


def _ready(reading: int, stuck: list[Listener], seconds: float) -> set[int]:
    """Wait for the pipe that wakes the thread and for writable listeners, and return the ready descriptors."""
    poll = new_poll()
    poll.register(reading, select.POLLIN)
    for listener in stuck:
        poll.register(listener.fd, select.POLLOUT)
    return {fd for fd, _ in poll.poll(max(0.0, seconds) * 1000)}
