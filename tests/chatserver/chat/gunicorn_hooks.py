"""Gunicorn's settings for the tests; it imports nothing that gevent is to patch."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any


def post_worker_init(worker: Any) -> None:
    """Have sockets ended before gunicorn waits for its requests to end."""
    import gevent  # noqa: PLC0415 - only a worker has it

    before = signal.getsignal(signal.SIGTERM)
    assert callable(before)

    def close(number: int, frame: FrameType | None) -> None:
        worker.wsgi.extensions["closing"].close()
        before(number, frame)

    signal.signal(signal.SIGTERM, lambda number, frame: gevent.spawn(close, number, frame))
