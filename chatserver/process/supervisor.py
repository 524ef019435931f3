"""Processes that run beside each other: one that ends is started again, and takes none of the others down."""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from exporter.terminal.messages import warn

UNUSABLE = 2  # the exit code for settings that make no sense: to start again would change nothing
MIN_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 30.0
LONG_ENOUGH_SECONDS = 60.0  # after so long a life, the next death is a new trouble
PATIENCE_SECONDS = 15.0
PR_SET_PDEATHSIG = 1
SUPERVISOR = "HOOKMETER_SUPERVISOR"


@dataclass(frozen=True, slots=True)
class Program:
    """A process to be kept running."""

    name: str
    argv: Sequence[str]


def supervise(programs: Sequence[Program], environment: Mapping[str, str]) -> int:
    """Keep them running until SIGTERM or SIGINT, then end them; the exit code: 2 where not one could begin, else 0."""
    news: queue.SimpleQueue[_Kept | None] = queue.SimpleQueue()  # one that cannot run, or None for a signal
    kept = [_Kept(program, environment, news.put) for program in programs]
    _on_signals(lambda: news.put(None))
    for each in kept:
        each.start()
    running = set(kept)
    while running and (unusable := news.get()):
        running.discard(unusable)
    for each in kept:
        each.stop()
    for each in kept:
        each.join_or_kill()
    return 0 if running else UNUSABLE


class _Kept(threading.Thread):
    """Starts a program again and again; what it says goes where this process' own words go."""

    def __init__(self, program: Program, environment: Mapping[str, str], given_up: Callable[[_Kept], None]) -> None:
        super().__init__(name=program.name)
        self._program = program
        self._environment = {**environment, SUPERVISOR: str(os.getpid())}
        self._given_up = given_up
        self._lock = threading.Lock()
        self._stopping = threading.Event()  # set under _lock, so that no process is started behind it
        self._process: subprocess.Popen[bytes] | None = None  # guarded by _lock

    def run(self) -> None:
        """Run the program until told to stop, or until it is of no use."""
        pause = MIN_PAUSE_SECONDS
        while (process := self._begin()) is not None:
            began = time.monotonic()
            code = process.wait()
            if self._stopping.is_set():
                return
            if code == UNUSABLE:
                break
            if time.monotonic() - began > LONG_ENOUGH_SECONDS:
                pause = MIN_PAUSE_SECONDS
            warn(f"the {self._program.name} ended with code {code}; it is started again in {pause:.0f} s.")
            self._stopping.wait(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS)
        else:
            return
        warn(f"the {self._program.name} cannot run; mend that, then start anew.")
        self._given_up(self)

    def stop(self) -> None:
        """Have it end in its own way."""
        with self._lock:
            self._stopping.set()
            if self._process:
                self._process.terminate()

    def join_or_kill(self) -> None:
        """Wait for its end, but not for ever."""
        self.join(PATIENCE_SECONDS)
        if self._process and self.is_alive():
            self._process.kill()
            self.join()

    def _begin(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            self._process = subprocess.Popen(self._program.argv, stdin=subprocess.DEVNULL, env=self._environment)
            return self._process


def end_with_supervisor(supervisor: str | None) -> None:
    """Have the system, where it is Linux, end this process when its supervisor of this pid is killed."""
    if supervisor and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if str(os.getppid()) != supervisor:
            sys.exit(0)


def _on_signals(stop: Callable[[], None]) -> None:
    def handler(_signal: int, _frame: FrameType | None) -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
