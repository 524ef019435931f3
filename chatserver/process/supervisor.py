"""Supervision of parallel processes: one that ends is restarted, independently of the others."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from chatserver.accounts.key_handover import DESCRIPTOR, hand_over
from chatserver.process.supervised import SUPERVISOR
from exporter.terminal.messages import warn

USAGE_ERROR = 2  # the exit code for invalid settings, after which a restart would not help
MIN_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 30.0
STABLE_SECONDS = 60.0  # after a longer run, the delay starts at its minimum again
STOP_SECONDS = 15.0
WAKE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Program:
    """A program to keep running, the key to hand over to it, and the variables that it is not to have."""

    name: str
    argv: Sequence[str]
    key: bytes | None = field(default=None, repr=False)
    without: re.Pattern[str] | None = None

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The variables that it inherits, and the pid of this process."""
        kept = {name: value for name, value in inherited.items() if not (self.without and self.without.match(name))}
        return {**kept, SUPERVISOR: str(os.getpid())}


def supervise(programs: Sequence[Program], environment: Mapping[str, str]) -> int:
    """Keep programs running until SIGTERM or SIGINT. Returns the exit code: 2 if none of them can run, else 0."""
    ended: queue.SimpleQueue[_Supervised | None] = queue.SimpleQueue()  # one that cannot run, or None for a signal
    supervised = [_Supervised(program, environment, ended.put) for program in programs]
    _on_signals(lambda: ended.put(None))
    for each in supervised:
        each.start()
    running = set(supervised)
    while running and (unusable := _first(ended)):
        running.discard(unusable)
    for each in supervised:
        each.stop()
    for each in supervised:
        each.join_or_kill()
    return 0 if running else USAGE_ERROR


def _first(ended: queue.SimpleQueue[_Supervised | None]) -> _Supervised | None:
    """The first item, once there is one.

    The kernel may deliver a signal to any thread. If it is another one, only waking up runs the handler.
    """
    while True:
        with suppress(queue.Empty):
            return ended.get(timeout=WAKE_SECONDS)


class _Supervised(threading.Thread):
    """Restarts a program whenever it ends. The program inherits standard output and standard error."""

    def __init__(
        self, program: Program, environment: Mapping[str, str], on_unusable: Callable[[_Supervised], None]
    ) -> None:
        super().__init__(name=program.name)
        self._program = program
        self._environment = program.environment(environment)
        self._on_unusable = on_unusable
        self._lock = threading.Lock()
        self._stopping = threading.Event()  # set under _lock, so that no process is started afterwards
        self._process: subprocess.Popen[bytes] | None = None  # guarded by _lock

    def run(self) -> None:
        """Run the program until `stop`, or until it exits with a usage error."""
        delay = MIN_DELAY_SECONDS
        while (process := self._start_process()) is not None:
            started = time.monotonic()
            code = process.wait()
            if self._stopping.is_set():
                return
            if code == USAGE_ERROR:
                break
            if time.monotonic() - started > STABLE_SECONDS:
                delay = MIN_DELAY_SECONDS
            warn(f"the {self._program.name} ended with exit code {code}; it restarts in {delay:.0f} s.")
            self._stopping.wait(delay)
            delay = min(2 * delay, MAX_DELAY_SECONDS)
        else:
            return
        warn(f"the {self._program.name} cannot run; fix its settings, then restart.")
        self._on_unusable(self)

    def stop(self) -> None:
        """Send SIGTERM to the process, and restart it no more."""
        with self._lock:
            self._stopping.set()
            if self._process:
                self._process.terminate()

    def join_or_kill(self) -> None:
        """Wait for the process to end, and kill it after 15 seconds."""
        self.join(STOP_SECONDS)
        if self._process and self.is_alive():
            self._process.kill()
            self.join()

    def _start_process(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            self._process = _start(self._program, self._environment)
            return self._process


def _start(program: Program, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    if program.key is None:
        return subprocess.Popen(program.argv, stdin=subprocess.DEVNULL, env=environment)
    descriptor = hand_over(program.key)
    try:
        environment = {**environment, DESCRIPTOR: str(descriptor)}
        return subprocess.Popen(program.argv, stdin=subprocess.DEVNULL, env=environment, pass_fds=(descriptor,))
    finally:
        os.close(descriptor)


def _on_signals(stop: Callable[[], None]) -> None:
    def handler(_signal: int, _frame: FrameType | None) -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
