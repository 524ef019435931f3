"""How the processes of a task end: none survives, also not those that tools put into sessions of their own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable

import psutil

from chatserver.tasks.claude_cli import TASK_ID
from chatserver.threads.offload import offload

GRACE_SECONDS = 5.0
ROUNDS = 20  # a process may beget another while it is being ended
LOOK_SECONDS = 0.05


def end_processes(task_id: str, leader: int | None = None, grace_seconds: float = GRACE_SECONDS) -> None:
    """SIGTERM to the group of the leader, SIGKILL after the grace to whatever is left of the task."""
    found = processes_of(task_id, leader)
    _terminate(found, leader)
    kill_remaining(task_id, leader, _still_living(found, grace_seconds))


def kill_remaining(task_id: str, leader: int | None = None, known: Iterable[psutil.Process] = ()) -> None:
    """SIGKILL to all that is left of a task."""
    found = [*known, *processes_of(task_id, leader)]
    for _ in range(ROUNDS):
        if not found:
            return
        for process in found:
            _signal(process, signal.SIGKILL)
        _still_living(found, GRACE_SECONDS)
        found = processes_of(task_id, leader)


def _still_living(found: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still live after so long; at once if none does."""
    deadline = time.monotonic() + seconds
    while (found := [process for process in found if _lives(process)]) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return found


def processes_of(task_id: str, leader: int | None = None) -> list[psutil.Process]:
    """All processes of the leader's session, or whose environment says that they are of the task; their descendants.

    A leader may have ended: nobody else is given its number as long as any of its session lives.
    """
    return offload(lambda: _search(task_id, leader))


def _search(task_id: str, leader: int | None) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader or process.environ().get(TASK_ID) == task_id:
                found.update((one.pid, one) for one in (process, *process.children(recursive=True)))
        except (psutil.Error, OSError):
            continue  # it is gone, or somebody else's
    return [process for process in found.values() if _lives(process)]


def _terminate(found: Iterable[psutil.Process], leader: int | None) -> None:
    """Ask Claude Code to end, which ends its tools; where it is gone, ask those that it left."""
    for process in found:
        if leader is None or process.pid == leader:
            _signal(process, signal.SIGTERM)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        if os.getpgid(process.pid) == process.pid and process.is_running():
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except (psutil.Error, ProcessLookupError, PermissionError):
        return  # it is gone


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
