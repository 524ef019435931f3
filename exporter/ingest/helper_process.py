"""A second process that reads directories beside the meter, for as long as there is much that was never read before.

It only reads and counts; what it hands back is committed by the meter, and whatever it does not hand back is read
there. It is started afresh, not forked, so that it holds neither the ledger nor its lock; it ends when its connection
does, also where the meter's process is killed.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import NamedTuple

from exporter.counting.batch import Batch
from exporter.counting.rules import SessionCount
from exporter.ingest.fork import processors
from exporter.sources.directory_reader import read_directory
from exporter.sources.files import log_files, printable
from exporter.sources.lines import Position

log = logging.getLogger(__name__)
Places = tuple[str, ...]  # the directories of one session
AT_ONCE = 8
MOST_WAITING = 3
PATIENCE_SECONDS = 0.02


class Part(NamedTuple):
    """Directories that were read, what they came to, and the directories that are still to be read."""

    taken: list[Places]
    batch: Batch
    left: list[Places]


class SecondReader:
    """Takes directories that were never read before, and gives back what they hold. One thread at a time may use it."""

    def __init__(self) -> None:
        self._group: list[Places] = []
        self._waiting: deque[list[Places]] = deque()
        self._usable = os.name == "posix" and processors() > 1
        self._connection: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SecondReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()

    @property
    def is_free(self) -> bool:
        """Whether it would begin on a directory soon."""
        return self._usable and len(self._waiting) < MOST_WAITING

    def hand_over(self, places: Places) -> None:
        """Have it read the directories of one session; they come back by `finished`."""
        self._group.append(places)
        if len(self._group) == AT_ONCE:
            self._send()

    def finished(self) -> Iterator[Part]:
        """What it has read by now."""
        while self._waiting and (self._connection is None or self._connection.poll()):
            yield self._answer()

    def rest(self) -> Iterator[Part | None]:
        """All that it was handed and has not given back; None now and then, while it reads."""
        if self._group:
            self._send()
        while self._waiting:
            if self._connection is None or self._connection.poll(PATIENCE_SECONDS):
                yield self._answer()
            else:
                yield None

    def _send(self) -> None:
        group, self._group = self._group, []
        self._waiting.append(group)
        with suppress(OSError):  # that there is none, or no longer, is noticed when its answer is waited for
            if self._process is None:
                self._start()
            if self._connection:
                self._connection.send(group)

    def _start(self) -> None:
        here, there = Pipe()
        program = f"from {__name__} import serve; serve({there.fileno()})"  # so that both know its classes by one name
        command = [sys.executable, "-P", "-c", program]
        with there:
            self._process = subprocess.Popen(command, pass_fds=(there.fileno(),), stdin=subprocess.DEVNULL)
        self._connection = here

    def _answer(self) -> Part:
        group = self._waiting.popleft()
        try:
            if self._connection:
                part: Part = self._connection.recv()
                return part
        except (EOFError, OSError):
            self._connection = None
        if self._usable:
            log.warning("The process that helps to read has ended; this one reads on alone, and nothing is lost.")
        self._usable = False
        return Part([], Batch(), group)


def read_new(group: list[Places]) -> Part:
    """What directories hold of which nothing was ever counted."""
    part = Part([], Batch(), [])
    for places in group:
        try:
            batch = _read(places)
        except OSError:
            batch = None  # the meter will meet the same, and say so
        if batch is None:
            part.left.append(places)
        else:
            part.taken.append(places)
            part.batch.merge(batch)
    return part


def _read(places: Places) -> Batch | None:
    """What the directories of one session hold; None where they speak of other sessions too."""
    batch, count = Batch(), SessionCount.new(printable(places[0].rpartition(os.sep)[2]))
    session_id = count.session.session_id
    new = {file: Position() for directory in places for file in log_files(directory)}
    batch.new_files.update((file.directory, file.name) for file in new)
    while new:
        read = read_directory(new, session_id, fresh=count.is_new)
        if any(timed.record.session != session_id for timed in read.records):
            return None
        batch.take(read, count, lambda _: count)
        new = dict(read.positions) if read.more else {}
    return batch


def serve(descriptor: int) -> None:
    """Read for the process at the other end of a connection, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(descriptor) as connection, suppress(EOFError, OSError):
        while True:
            connection.send(read_new(connection.recv()))
