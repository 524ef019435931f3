"""Fan-out: each message is serialised once, and one thread writes it to the sockets of all who listen."""

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
END_SECONDS = 1.0
Body = Generator[bytes, None, None]


class TooManyStreamsError(Exception):
    """As many streams are open as may be; try again in a minute."""


class Broadcaster:
    """Streams to many clients. A slow one skips to the newest message; one that is stuck for too long is dropped.

    The server writes the head and the first events of a response; from then on its thread (or greenlet) only waits for
    the client to leave, and the publisher writes beside it. Any thread may call any of this.
    """

    def __init__(
        self,
        *,
        most: int = MAX_STREAMS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self.refused = 0
        self._most = most
        self._heartbeat_seconds = heartbeat_seconds
        self._publisher = Publisher(self._all, heartbeat_seconds, stuck_seconds)
        self._lock = new_lock()
        self._seats: WeakSet[Body] = WeakSet()
        self._listeners: set[Listener] = set()
        self._bye: Frame | None = None
        self._all_left = threading.Event()
        self.written = self._publisher.written

    @property
    def streams(self) -> int:
        """How many clients listen."""
        return len(self._listeners)

    def audiences(self) -> set[str]:
        """Of whom anyone listens."""
        return {listener.audience for listener in self._all()}

    def stream(self, connection: Connection, opening: Frame, is_valid: Callable[[], bool], audience: str = "") -> Body:
        """The body of a response that begins with `opening`, and goes on until the client leaves or is not valid.

        It gets the messages that are for its audience. Raises TooManyStreamsError.
        """
        body = self._body(connection, opening, is_valid, audience)
        with self._lock:
            if len(self._seats) >= self._most or self._bye:
                self.refused += 1
                raise TooManyStreamsError(TooManyStreamsError.__doc__)
            self._seats.add(body)
        return body

    def publish(self, message: Frame, audience: str = "") -> None:
        """Give a message to all of an audience who have not seen it; nothing older is sent to them from now on."""
        self._publisher.set_newest(message, audience)
        if self.streams:
            self._publisher.nudge()

    def close(self, reason: str = "the server is stopping", seconds: float = END_SECONDS) -> None:
        """End all streams: each hears why, and its response ends as it should. One that is cut off before is broken."""
        bye = good_bye(reason)
        with self._lock:
            self._bye = bye
            is_heard = bool(self._listeners)
        if is_heard:
            self._publisher.end(bye)
            self._all_left.wait(seconds)
        for listener in self._all():
            listener.drop()

    def _body(self, connection: Connection, opening: Frame, is_valid: Callable[[], bool], audience: str) -> Body:
        yield opening.plain
        # To be asked for more is to know that the server has written what it had, and leaves the socket alone.
        listener = Listener(connection, opening.message_id, audience)
        try:
            self._enter(listener)
            while not listener.wait(self._heartbeat_seconds):
                if not is_valid():
                    listener.end(good_bye("the token is no longer valid"))
                    return
        finally:
            self._leave(listener)

    def _enter(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.add(listener)
            bye = self._bye
        if bye:
            listener.end(bye)
        else:
            self._publisher.nudge()  # there may be something newer by now

    def _leave(self, listener: Listener) -> None:
        listener.leave()
        with self._lock:
            self._listeners.discard(listener)
            is_over = self._bye is not None and not self._listeners
        if is_over:
            self._all_left.set()

    def _all(self) -> list[Listener]:
        with self._lock:
            return list(self._listeners)


def good_bye(reason: str) -> Frame:
    """What ends a stream; a client that gets it may come again."""
    return Frame.of(event(reason, name="bye"))
