"""Real connections on the loopback, as servers find them in the environment of a request."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import Any


@contextmanager
def connected(address: str = "127.0.0.1", family: socket.AddressFamily = socket.AF_INET) -> Iterator[Any]:
    """The ends of a connection: the client's and the server's."""
    with socket.create_server((address, 0), family=family) as listener, socket.socket(family) as client:
        client.connect(listener.getsockname())
        with closing(listener.accept()[0]) as ours:
            yield client, ours


@cache
def own_environ() -> dict[str, Any]:
    """What a request of this process's account has in its environment, as long as the process runs."""
    keeping = connected()
    client, ours = keeping.__enter__()
    return {"werkzeug.socket": ours, "tests.kept": (keeping, client)}
