"""The compose file, and its programs as they are run without containers."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from subprocess import Popen
from typing import Any

import yaml

from tests.dashboards.committed import ROOT
from tests.e2e.processes import running

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


def service(name: str, executable: str, places: dict[str, str], *more: str) -> AbstractContextManager[Popen[str]]:
    """A program with the flags that it has in its container, at other places."""
    flags = DEFAULT.sub(r"\1", "\n".join(SERVICES[name]["command"]))
    for there, here in places.items():
        assert there in flags, (name, there)
        flags = flags.replace(there, here)
    return running([executable, *flags.split("\n"), *more])
