"""Work in forked processes, in parallel with this one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from itertools import accumulate, groupby
from operator import itemgetter
from typing import TypeVar

Piece = TypeVar("Piece")


def parts(work: Sequence[Piece], sizes: Sequence[int], number: int) -> list[list[Piece]]:
    """Work in order, split into up to a number of parts of about the same size: each piece goes where its middle is."""
    middles = [2 * end - size for end, size in zip(accumulate(sizes), sizes, strict=True)]
    twice_the_sum = max(1, 2 * sum(sizes))
    part_of = [min(middle * number // twice_the_sum, number - 1) for middle in middles]
    return [[piece for _, piece in part] for _, part in groupby(zip(part_of, work, strict=True), key=itemgetter(0))]


def in_parallel(work: Callable[[], bytes]) -> Callable[[], bytes | None]:
    """Start the work and return a function that waits for its result, which is None if it failed or did not start.

    Processes with threads are never forked: the copy might wait forever for a lock that a thread held.
    """
    if not hasattr(os, "fork") or processor_count() < 2 or threading.active_count() > 1:
        return lambda: None
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _run_and_exit(work, sending)
    os.close(sending)
    return lambda: _result(child, receiving)


def processor_count() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_and_exit(work: Callable[[], bytes], sending: int) -> None:
    """Run the child; os._exit skips the buffers and exit handlers of the parent that the child has copies of."""
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
