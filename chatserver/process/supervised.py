"""What a process does that a supervisor started."""

from __future__ import annotations

import os
import signal
import sys

PR_SET_PDEATHSIG = 1
SUPERVISOR = "HOOKMETER_SUPERVISOR"


def end_with_supervisor(supervisor: str | None) -> None:
    """On Linux, have the kernel end this process when the supervisor with this pid is killed."""
    if supervisor and sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - takes milliseconds, which all other commands save

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if str(os.getppid()) != supervisor:
            sys.exit(0)
