"""The compose file, and its services as processes without containers."""

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


def service(name: str, executable: str, replacements: dict[str, str], *more: str) -> AbstractContextManager[Popen[str]]:
    """A process with the flags of its service, in which container paths and addresses are replaced."""
    flags = DEFAULT.sub(r"\1", "\n".join(SERVICES[name]["command"]))
    for in_container, here in replacements.items():
        assert in_container in flags, (name, in_container)
        flags = flags.replace(in_container, here)
    return running([executable, *flags.split("\n"), *more])
