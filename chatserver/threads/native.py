"""Threads, locks and sockets of the system itself, also where greenlets stand in for them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Protocol

from gevent import monkey


class Lock(Protocol):
    """A lock between threads of the system; hold it for a moment only, and across nothing that may wait."""

    def __enter__(self) -> bool: ...
    def __exit__(self, *_: object) -> None: ...


new_lock: Callable[[], Lock] = monkey.get_original("_thread", "allocate_lock")
start_thread: Callable[[Callable[[int], None], tuple[int]], int] = monkey.get_original("_thread", "start_new_thread")
new_poll: Callable[[], Any] = monkey.get_original("select", "poll")
new_socket: type[socket.socket] = monkey.get_original("socket", "socket")
