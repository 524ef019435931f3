"""Fan-out: each message is serialized once, and one thread writes it to the sockets of all clients."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from weakref import WeakSet

from chatserver.live.listener import Connection, Listener
from chatserver.live.publisher import Publisher
from chatserver.live.sse import Frame, event
from chatserver.threads.native import new_lock

HEARTBEAT_SECONDS = 15.0
STUCK_SECONDS = 30.0
MAX_STREAMS = 10_000
CLOSE_SECONDS = 1.0
Body = Generator[bytes, None, None]


class TooManyStreamsError(Exception):
    """Too many streams are open; try again in a minute."""


class Broadcaster:
    """Streams to many clients. A slow one skips to the newest message; one that is stuck for too long is dropped.

    The server writes the head and the first events of a response; then its thread (or greenlet) only waits for the
    client to disconnect, while the publisher writes to the socket. Any thread may call any method.
    """

    def __init__(
        self,
        *,
        max_streams: int = MAX_STREAMS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self.refused = 0
        self._max_streams = max_streams
        self._heartbeat_seconds = heartbeat_seconds
        self._publisher = Publisher(self._all, heartbeat_seconds, stuck_seconds)
        self._lock = new_lock()
        self._bodies: WeakSet[Body] = WeakSet()
        self._listeners: set[Listener] = set()
        self._goodbye: Frame | None = None
        self._all_left = threading.Event()
        self.written = self._publisher.written

    @property
    def streams(self) -> int:
        """The number of clients."""
        return len(self._listeners)

    def audiences(self) -> set[str]:
        """The audiences that have clients."""
        return {listener.audience for listener in self._all()}

    def stream(self, connection: Connection, opening: Frame, is_valid: Callable[[], bool], audience: str = "") -> Body:
        """A response body: `opening`, then the messages for its audience, until the client leaves or is not valid.

        Raises TooManyStreamsError.
        """
        body = self._body(connection, opening, is_valid, audience)
        with self._lock:
            if len(self._bodies) >= self._max_streams or self._goodbye:
                self.refused += 1
                raise TooManyStreamsError(TooManyStreamsError.__doc__)
            self._bodies.add(body)
        return body

    def publish(self, message: Frame, audience: str = "") -> None:
        """Send a message to the clients of an audience that do not have it, in place of any older one."""
        self._publisher.set_newest(message, audience)
        if self.streams:
            self._publisher.wake()

    def close(self, reason: str = "the server is stopping", seconds: float = CLOSE_SECONDS) -> None:
        """End all streams with a reason, and their responses properly; after the time limit, connections are broken."""
        goodbye = goodbye_frame(reason)
        with self._lock:
            self._goodbye = goodbye
            has_clients = bool(self._listeners)
        if has_clients:
            self._publisher.end(goodbye)
            self._all_left.wait(seconds)
        for listener in self._all():
            listener.drop()

    def _body(self, connection: Connection, opening: Frame, is_valid: Callable[[], bool], audience: str) -> Body:
        yield opening.plain
        # When the server asks for more, it has written the opening, and no longer writes to the socket.
        listener = Listener(connection, opening.message_id, audience)
        try:
            self._enter(listener)
            while not listener.wait(self._heartbeat_seconds):
                if not is_valid():
                    listener.end(goodbye_frame("the token is no longer valid"))
                    return
        finally:
            self._leave(listener)

    def _enter(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.add(listener)
            goodbye = self._goodbye
        if goodbye:
            listener.end(goodbye)
        else:
            self._publisher.wake()  # there may be a newer message by now

    def _leave(self, listener: Listener) -> None:
        listener.leave()
        with self._lock:
            self._listeners.discard(listener)
            is_over = self._goodbye is not None and not self._listeners
        if is_over:
            self._all_left.set()

    def _all(self) -> list[Listener]:
        with self._lock:
            return list(self._listeners)


def goodbye_frame(reason: str) -> Frame:
    """The last event of a stream, with the reason; the client may reconnect."""
    return Frame.of(event(reason, name="bye"))
