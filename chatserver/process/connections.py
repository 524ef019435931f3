"""The connections of a worker that wait for their clients: which are late, and which go first if there are too many."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from chatserver.threads.native import new_socket

HEAD_SECONDS = 30.0  # until the first request of a connection has come; between two, gunicorn's `keepalive` applies
BODY_SECONDS = 20.0
UNREAD_SECONDS = 60.0  # until a client that is gone, or does not read its response, is disconnected
ROOM_SHARE = 0.9  # of the possible connections: where more are open, some that wait are ended
ENDED_SHARE = 0.01  # of the room, at once
MIN_SECONDS = 1.0  # before one may be ended to make room


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a connection waits for, since a time of time.monotonic(): a request, or the rest of its body."""

    since: float
    seconds: float
    is_incomplete: Callable[[], bool] | None = None  # of a body; it may have come meanwhile

    def is_late(self, now: float) -> bool:
        """Whether it has waited for too long."""
        return self.has_waited(now, self.seconds)

    def has_waited(self, now: float, seconds: float) -> bool:
        """Whether it has waited for more than so many seconds, and still does."""
        return now - self.since > seconds and (self.is_incomplete is None or self.is_incomplete())


class Connections:
    """The open connections of a worker. One thread may use it."""

    def __init__(self, most: int) -> None:
        self._room = max(1, int(most * ROOM_SHARE))
        self._addresses: dict[socket.socket, str] = {}
        self._waiting: dict[socket.socket, Waiting] = {}

    def add(self, client: socket.socket, address: str, now: float) -> None:
        """Add a connection, which waits for its first request; if there are too many, end some that wait."""
        with suppress(OSError, AttributeError):  # it is no TCP connection, or this is not Linux
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(UNREAD_SECONDS * 1000))
        self._addresses[client] = address
        self._set(client, Waiting(now, HEAD_SECONDS))
        if len(self._addresses) > self._room:
            self._make_room(now)

    def wait_for_request(self, client: socket.socket, now: float) -> None:
        """Note that a connection is kept open for another request."""
        self._set(client, Waiting(now, float("inf")))

    def answer(self, client: socket.socket, now: float, is_incomplete: Callable[[], bool]) -> None:
        """Note that a request is answered, of whose body a part may be missing."""
        self._set(client, Waiting(now, BODY_SECONDS, is_incomplete))

    def remove(self, client: socket.socket) -> None:
        """Remove a connection."""
        self._addresses.pop(client, None)
        self._waiting.pop(client, None)

    def end_late(self, now: float) -> None:
        """End the connections whose client is late."""
        self._end([client for client, waiting in self._waiting.items() if waiting.is_late(now)])

    def end_idle(self) -> None:
        """End all connections that wait for a request."""
        self._end([client for client, waiting in self._waiting.items() if waiting.is_incomplete is None])

    def _set(self, client: socket.socket, waiting: Waiting) -> None:
        if client in self._addresses:  # otherwise it has been ended
            self._waiting[client] = waiting

    def _make_room(self, now: float) -> None:
        """End those that have waited longest, of the address with most of them."""
        waiting = [client for client, one in self._waiting.items() if one.has_waited(now, MIN_SECONDS)]
        if not waiting:
            return
        ((address, _),) = Counter(self._addresses[client] for client in waiting).most_common(1)
        theirs = sorted(
            (client for client in waiting if self._addresses[client] == address),
            key=lambda client: self._waiting[client].since,
        )
        self._end(theirs[: max(1, int(self._room * ENDED_SHARE))])

    def _end(self, clients: Iterable[socket.socket]) -> None:
        """Shut connections down for reading, so that they are closed; the response to a part of a request is sent."""
        for client in clients:
            self.remove(client)
            own = new_socket(fileno=client.fileno())  # gevent's would raise in the greenlet that waits for it
            with suppress(OSError):  # the client has closed before
                own.shutdown(socket.SHUT_RD)
            own.detach()
