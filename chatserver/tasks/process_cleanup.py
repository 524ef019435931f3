"""Ending the processes of a task without their parent: after a server was killed, where it cannot adopt, or was killed.

Processes that are in none of its sessions, and have no environment, cannot be found in this way.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable

import psutil

from chatserver.tasks.claude_cli import TASK_ID
from chatserver.threads.offload import offload

GRACE_SECONDS = 5.0
MAX_ROUNDS = 20  # a process may start another while it is being killed
POLL_SECONDS = 0.05


def end_processes(task_id: str, grace_seconds: float) -> None:
    """Send SIGTERM to the processes of a task, and after the grace period SIGKILL to what is left."""
    found = processes_of(task_id)
    for process in found:
        _signal(process, signal.SIGTERM)
    kill_remaining(task_id, known=_survivors(found, grace_seconds))


def kill_remaining(task_id: str, leader: int | None = None, known: Iterable[psutil.Process] = ()) -> None:
    """Send SIGKILL to all that is left of a task."""
    found = [*known, *processes_of(task_id, leader)]
    for _ in range(MAX_ROUNDS):
        if not found:
            return
        for process in found:
            _signal(process, signal.SIGKILL)
        _survivors(found, GRACE_SECONDS)
        found = processes_of(task_id, leader)


def _survivors(found: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all have ended, but not longer than that, and return those that have not."""
    deadline = time.monotonic() + seconds
    while (found := [process for process in found if _is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found


def processes_of(task_id: str, leader: int | None = None) -> list[psutil.Process]:
    """The processes of the leader's session, those with the task's id in their environment, and their descendants.

    The leader may have ended: its pid is not reused as long as a process of its session lives.
    """
    return offload(lambda: _search(task_id, leader))


def _search(task_id: str, leader: int | None) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader or process.environ().get(TASK_ID) == task_id:
                found.update((one.pid, one) for one in (process, *process.children(recursive=True)))
        except (psutil.Error, OSError):
            continue  # it has ended, or is another user's
    return [process for process in found.values() if _is_alive(process)]


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        if os.getpgid(process.pid) == process.pid and process.is_running():
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except (psutil.Error, ProcessLookupError, PermissionError):
        return  # it has ended


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
