"""Keeping other processes of the same account out of this one."""

from __future__ import annotations

import ctypes
import sys

PR_SET_DUMPABLE = 4


def forbid_inspection() -> None:
    """On Linux, have the kernel keep this process's memory, environment and descriptors from all but root.

    Forked processes inherit that, programs that are started do not.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
