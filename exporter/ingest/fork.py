"""Work in a forked process, in parallel with this one."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from exporter.sources.transcript_survey import SurveyedFile


def halves(files: list[SurveyedFile]) -> tuple[list[SurveyedFile], list[SurveyedFile]]:
    """The files split into two lists of about the same number of bytes, in order."""
    sizes = list(accumulate(surveyed.file.size for surveyed in files))
    middle = bisect_right(sizes, sizes[-1] // 2) if sizes else 0
    return files[:middle], files[middle:]


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
