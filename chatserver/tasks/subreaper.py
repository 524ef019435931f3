"""The parent of all processes of a task: a program of its own, which ends once none of them is left.

python -IS subreaper.py DESCRIPTOR PROGRAM [ARGUMENT…] runs a program, and exits with its exit code. A number of seconds
that is sent over the descriptor, a socket, ends it: SIGINT, SIGTERM after half of this time at most, and SIGKILL after
all of it. So does the sender's end. To SIGINT, Claude Code reports what it used and what it interrupted.
What the program leaves behind is killed at once: on Linux, the kernel makes this process the parent of every process
whose own parent has ended, whatever its session and its environment. Then DONE is sent.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

PR_SET_CHILD_SUBREAPER = 36
DONE = b"."
GRACE_SECONDS = 1.0  # where nobody is left who could say how long
MAX_INTERRUPT_SECONDS = 2.0  # that the program has to end by itself
KILL_SECONDS = 5.0
POLL_SECONDS = 0.01
NEVER = float("inf")


class Waiter:
    """Waits for signals and for the descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        self._is_terminated = False
        self._woken, waking = os.pipe()
        for end in (self._woken, waking):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._terminate)

    def wait(self, seconds: float | None) -> float | None:
        """Wait for an event, but not longer than that. Returns the seconds that the task still has, if it must end."""
        poll = select.poll()
        for descriptor in (self._woken, self._descriptor):
            if descriptor is not None:
                poll.register(descriptor, select.POLLIN)
        ready = dict(poll.poll(None if seconds is None else max(0.0, seconds) * 1000))
        if self._woken in ready:
            os.read(self._woken, 4096)
        if self._descriptor in ready:
            return self._read_grace()
        is_terminated, self._is_terminated = self._is_terminated, False
        return GRACE_SECONDS if is_terminated else None

    def _read_grace(self) -> float:
        try:
            return float(os.read(self._descriptor or 0, 32))
        except (OSError, ValueError):  # it is closed
            self._descriptor = None
            return GRACE_SECONDS

    def _terminate(self, *_: object) -> None:
        self._is_terminated = True


def main() -> None:
    """Run the program, and exit with its exit code."""
    descriptor, program = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(descriptor, False)
    adopts = adopt_orphans()
    waiter = Waiter(descriptor)
    try:
        leader = os.posix_spawn(
            program[0], program, os.environ, setpgroup=0, setsigdef=(signal.SIGPIPE, signal.SIGXFSZ)
        )
    except OSError as error:
        sys.exit(f"{program[0]} cannot be started ({error.strerror}).")
    code = follow(leader, waiter)
    if kill_children(waiter) and adopts:
        with suppress(OSError):  # whoever wanted to know has ended
            os.write(descriptor, DONE)
    os._exit(code if code >= 0 else 128 - code)  # at once: nothing is buffered


def adopt_orphans() -> bool:
    """Have the kernel make this process the parent of its orphaned descendants; False where it cannot."""
    return sys.platform == "linux" and not ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def follow(leader: int, waiter: Waiter) -> int:
    """Wait for the program, end it when asked to, and return its exit code."""
    terminate_at = kill_at = NEVER
    while (code := reap(leader)) is None:
        next_at = min(terminate_at, kill_at)
        grace = waiter.wait(None if next_at == NEVER else next_at - time.monotonic())
        now = time.monotonic()
        if grace is not None:
            interrupt(leader)
            terminate_at = min(terminate_at, now + min(MAX_INTERRUPT_SECONDS, grace / 2))
            kill_at = min(kill_at, now + grace)
        if now >= terminate_at:
            send(leader, signal.SIGTERM)
            terminate_at = NEVER
        if now >= kill_at:
            send(leader, signal.SIGKILL)
            kill_at = NEVER
    return code


def reap(leader: int) -> int | None:
    """Collect all children that have ended; the exit code of the program if it is one of them."""
    code = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == leader:
                code = os.waitstatus_to_exitcode(ended[1])
    return code


def kill_children(waiter: Waiter) -> bool:
    """Kill children until none is left, and return whether that succeeded: theirs become children when they end.

    The pid of a child is not reused before this process has waited for it, so no other process is hit.
    """
    deadline = time.monotonic() + KILL_SECONDS
    while time.monotonic() < deadline:
        for child in children():
            with suppress(OSError):  # it is another user's
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        waiter.wait(POLL_SECONDS)
    return False


def children() -> Iterator[int]:
    """The pids of this process's children, where the kernel lists them."""
    with suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as listed:  # noqa: PTH123 - pathlib starts slowly
        yield from map(int, listed.read().split())


def interrupt(leader: int) -> None:
    """Send SIGINT to the program alone, which ends its own tools."""
    with suppress(OSError):
        os.kill(leader, signal.SIGINT)


def send(leader: int, number: signal.Signals) -> None:
    """Send a signal to the program's process group; it has not been waited for, so the group is still its own."""
    with suppress(OSError):
        os.killpg(leader, number)


if __name__ == "__main__":
    main()
