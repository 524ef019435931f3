"""Work done in parallel by a forked process, which ends with the work."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def in_parallel(work: Callable[[], bytes]) -> Callable[[], bytes | None]:
    """Start the work; the function returned waits for its result, and gives None where it failed or was not started.

    Only a process without threads is forked: its copy might wait forever for a lock that one of them held.
    """
    if not hasattr(os, "fork") or processors() < 2 or threading.active_count() > 1:
        return lambda: None
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _run_and_exit(work, sending)
    os.close(sending)
    return lambda: _result(child, receiving)


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_and_exit(work: Callable[[], bytes], sending: int) -> None:
    """The whole life of the child, in which nothing of the parent is written or cleaned up a second time."""
    code = 1
    try:
        with os.fdopen(sending, "wb") as result:
            result.write(work())
        code = 0
    finally:
        os._exit(code)


def _result(child: int, receiving: int) -> bytes | None:
    with os.fdopen(receiving, "rb") as pipe:
        result = pipe.read()
    return result if os.waitpid(child, 0)[1] == 0 else None
