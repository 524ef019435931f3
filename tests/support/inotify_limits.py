"""Processes with fewer inotify instances or watches than the system allows: the limits of a user namespace."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

SET_LIMIT = 'echo "$1" > /proc/sys/user/"$0"; shift; exec "$@"'


def with_limit(setting: str, limit: int, *command: str | Path) -> list[str]:
    """A command that runs with a limit: `max_inotify_instances` or `max_inotify_watches`."""
    if not _can_limit():
        pytest.skip("user namespaces are not available")
    return ["unshare", "--user", "--map-root-user", "sh", "-ec", SET_LIMIT, setting, str(limit), *map(str, command)]


@cache
def _can_limit() -> bool:
    probe = ["unshare", "--user", "--map-root-user", "test", "-w", "/proc/sys/user/max_inotify_instances"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
