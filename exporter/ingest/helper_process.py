"""A second process that reads in parallel with the meter while there is much that has never been read before.

It only reads: the meter commits the results, and reads whatever the helper does not return. It is spawned, not forked,
so that it has neither the ledger nor its lock open. It ends with its connection, even if the process of the meter is
killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, TypeVar

from exporter.ingest.fork import processor_count
from exporter.model.log import logger

log = logger(__name__)
POLL_SECONDS = 0.02
Work = TypeVar("Work")
Result = TypeVar("Result")


class HelperProcess(Generic[Work, Result]):
    """Does work by a function of a module, a piece at a time in the order in which it is handed over. Not thread-safe.

    Up to `max_waiting` pieces may wait for it. It is started with the first one.
    """

    def __init__(self, do: Callable[[Work], Result], max_waiting: int) -> None:
        self._do = do
        self._max_waiting = max_waiting
        self._waiting: deque[Work] = deque()
        self._usable = os.name == "posix" and processor_count() > 1
        self._connection: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()

    @property
    def is_free(self) -> bool:
        """Whether it would do more work soon."""
        return self._usable and len(self._waiting) < self._max_waiting

    def send(self, work: Work) -> None:
        """Have a piece of work done; `receive` returns its result."""
        self._waiting.append(work)
        with suppress(OSError):  # receive handles a process that is missing or has ended
            if self._process is None:
                self._start()
            if self._connection:
                self._connection.send(work)

    def is_ready(self, seconds: float = 0) -> bool:
        """Whether the next result can be received without waiting, or after waiting for some seconds."""
        return self._connection is None or self._connection.poll(seconds)

    def receive(self) -> tuple[Work, Result | None]:
        """The next piece of work with its result; None if the process is missing or has ended."""
        work = self._waiting.popleft()
        try:
            if self._connection:
                result: Result = self._connection.recv()
                return work, result
        except (EOFError, OSError):
            self._connection = None
        if self._usable:
            log.warning("The helper process has ended; this process continues reading alone, nothing is lost.")
        self._usable = False
        return work, None

    def _start(self) -> None:
        here, there = Pipe()
        program = (
            f"from {__name__} import serve; serve({there.fileno()})"  # so that both import its classes by the same name
        )
        command = [sys.executable, "-P", "-c", program]
        with there:
            self._process = subprocess.Popen(command, pass_fds=(there.fileno(),), stdin=subprocess.DEVNULL)
        self._connection = here
        here.send(self._do)


def serve(descriptor: int) -> None:
    """Do the work that the process at the other end of a connection sends until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(descriptor) as connection, suppress(EOFError, OSError):
        do = connection.recv()
        while True:
            connection.send(do(connection.recv()))
