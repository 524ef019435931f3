"""Native threads, locks and sockets, also where gevent has replaced those of the standard library."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Protocol

from gevent import monkey


class Lock(Protocol):
    """A lock between native threads; hold it only briefly, and never while blocking."""

    def __enter__(self) -> bool: ...
    def __exit__(self, *_: object) -> None: ...


new_lock: Callable[[], Lock] = monkey.get_original("_thread", "allocate_lock")
start_thread: Callable[[Callable[[int], None], tuple[int]], int] = monkey.get_original("_thread", "start_new_thread")
new_poll: Callable[[], Any] = monkey.get_original("select", "poll")
new_socket: type[socket.socket] = monkey.get_original("socket", "socket")
