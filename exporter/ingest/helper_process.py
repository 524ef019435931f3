"""A second process that reads in parallel with the meter while many directories have never been read before.

It only reads and counts: the meter commits the results, and reads whatever the helper does not return. It is spawned,
not forked, so that it has neither the ledger nor its lock open. It ends with its connection, even if the process of the
meter is killed.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import NamedTuple

from exporter.counting.batch import Batch
from exporter.counting.session_count import SessionCount
from exporter.ingest.follow import SessionGroup, follow
from exporter.ingest.fork import processor_count
from exporter.sources.files import LogFile
from exporter.sources.positions import Position

log = logging.getLogger(__name__)
GROUPS_PER_MESSAGE = 8
MAX_WAITING = 3
POLL_SECONDS = 0.02


class Part(NamedTuple):
    """The groups that the helper has read with their results, and those that it left to the meter."""

    read: list[SessionGroup]
    batch: Batch
    left: list[SessionGroup]


class HelperProcess:
    """Reads groups that were never read before. Not thread-safe."""

    def __init__(self) -> None:
        self._groups: list[SessionGroup] = []
        self._waiting: deque[list[SessionGroup]] = deque()
        self._usable = os.name == "posix" and processor_count() > 1
        self._connection: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> HelperProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()

    @property
    def is_free(self) -> bool:
        """Whether it would read another group soon."""
        return self._usable and len(self._waiting) < MAX_WAITING

    def hand_over(self, group: SessionGroup) -> None:
        """Have a group read; `finished` or `remaining` yields the result."""
        self._groups.append(group)
        if len(self._groups) == GROUPS_PER_MESSAGE:
            self._send()

    def finished(self) -> Iterator[Part]:
        """The parts that are ready now."""
        while self._waiting and (self._connection is None or self._connection.poll()):
            yield self._receive()

    def remaining(self) -> Iterator[Part | None]:
        """All outstanding parts; yields None every POLL_SECONDS while waiting for one."""
        if self._groups:
            self._send()
        while self._waiting:
            if self._connection is None or self._connection.poll(POLL_SECONDS):
                yield self._receive()
            else:
                yield None

    def _send(self) -> None:
        groups, self._groups = self._groups, []
        self._waiting.append(groups)
        with suppress(OSError):  # _receive handles a process that is missing or has ended
            if self._process is None:
                self._start()
            if self._connection:
                self._connection.send(groups)

    def _start(self) -> None:
        here, there = Pipe()
        program = (
            f"from {__name__} import serve; serve({there.fileno()})"  # so that both import its classes by the same name
        )
        command = [sys.executable, "-P", "-c", program]
        with there:
            self._process = subprocess.Popen(command, pass_fds=(there.fileno(),), stdin=subprocess.DEVNULL)
        self._connection = here

    def _receive(self) -> Part:
        groups = self._waiting.popleft()
        try:
            if self._connection:
                part: Part = self._connection.recv()
                return part
        except (EOFError, OSError):
            self._connection = None
        if self._usable:
            log.warning("The helper process has ended; this process continues reading alone, nothing is lost.")
        self._usable = False
        return Part([], Batch(), groups)


def read_new(groups: list[SessionGroup]) -> Part:
    """Read and count groups that were never counted before."""
    part = Part([], Batch(), [])
    for group in groups:
        try:
            batch = _read_group(group)
        except Exception:  # the meter runs into the same error, and reports it or leaves a line out
            batch = None
        if batch is None:
            part.left.append(group)
        else:
            part.read.append(group)
            part.batch.merge(batch)
    return part


def _read_group(group: SessionGroup) -> Batch | None:
    """Count a group; None if it also has lines of other sessions."""
    batch, count = Batch(), SessionCount.new(group.session)
    for read in follow(group, NewFiles(batch), _raise, lambda: count.is_new):
        if any(timed.record.session != group.session for timed in read.records):
            return None
        batch.count_read(read, lambda _: count)
    return batch


class NewFiles:
    """The offsets of files that were never read before, kept in a batch."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self.advance = batch.advance

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """All files, to be read from their start."""
        new = dict.fromkeys(files, Position())
        self._batch.new_files.update((directory, file.name) for file in new)
        return new


def _raise(_directory: str, error: OSError | None) -> None:
    if error:
        raise error


def serve(descriptor: int) -> None:
    """Serve requests from the process at the other end of a connection until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(descriptor) as connection, suppress(EOFError, OSError):
        while True:
            connection.send(read_new(connection.recv()))
