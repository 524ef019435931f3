"""Work that a second process does beside this one: a copy of it, which ends with the work."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def beside(work: Callable[[], bytes]) -> Callable[[], bytes | None]:
    """Begin the work; what is given waits for its result, or gives None where it failed or there is no second process.

    Only a process without threads is copied: the copy might wait for ever for a lock that one of them held.
    """
    if not hasattr(os, "fork") or processors() < 2 or threading.active_count() > 1:
        return lambda: None
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _do(work, sending)
    os.close(sending)
    return lambda: _result(child, receiving)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _do(work: Callable[[], bytes], sending: int) -> None:
    """The whole life of the second process, in which nothing of the first is written or cleaned up a second time."""
    code = 1
    try:
        with os.fdopen(sending, "wb") as result:
            result.write(work())
        code = 0
    finally:
        os._exit(code)


def _result(child: int, receiving: int) -> bytes | None:
    with os.fdopen(receiving, "rb") as result:
        told = result.read()
    return told if os.waitpid(child, 0)[1] == 0 else None
