"""Processes in a user namespace, with fewer inotify instances or watches than the system allows, for example."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

NAMESPACE = ("unshare", "--user", "--map-root-user")
SET_LIMIT = 'echo "$1" > /proc/sys/user/"$0"; shift; exec "$@"'


def with_limit(setting: str, limit: int, *command: str | Path) -> list[str]:
    """A command that runs with a limit: `max_inotify_instances` or `max_inotify_watches`."""
    return [*user_namespace(), "sh", "-ec", SET_LIMIT, setting, str(limit), *map(str, command)]


def user_namespace(*options: str) -> list[str]:
    """A command that runs others in a user namespace; the test is skipped where there are none."""
    if not _has_namespaces():
        pytest.skip("user namespaces are not available")
    return [*NAMESPACE, *options]


@cache
def _has_namespaces() -> bool:
    probe = [*NAMESPACE, "test", "-w", "/proc/sys/user/max_inotify_instances"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
