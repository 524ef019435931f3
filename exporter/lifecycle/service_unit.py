"""The definition of a service of the user, as a text: for systemd or for launchd."""

from __future__ import annotations

import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from exporter.lifecycle.data_files import DataFilesError

SYSTEMD, LAUNCHD = "linux", "darwin"  # values of sys.platform
UNIT = "hookmeter.service"
LABEL = "hookmeter"
# Where Claude Code and its files are, which the session of a service has not from any shell's start-up files.
KEPT_VARIABLES = ("PATH", "CLAUDE_CONFIG_DIR", "HOOKMETER_CONFIG", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
TEMPLATE = """\
# Written by `hookmeter service install`; settings are in config.toml.
[Unit]
Description=hookmeter, the meter of Claude Code's agents
After=network.target

[Service]
ExecStart={command}
WorkingDirectory=%h
{environment}
UMask=0077
Restart=always
RestartSec=2
TimeoutStopSec=30

[Install]
WantedBy=default.target
"""


def kept_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that the service needs of an environment."""
    return {name: environment[name] for name in KEPT_VARIABLES if environment.get(name)}


def systemd_unit(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """The unit that keeps a command running."""
    lines = (f"Environment={_quoted(f'{name}={value}')}" for name, value in environment.items())
    command = " ".join(_quoted(word).replace("$", "$$") for word in argv)
    return TEMPLATE.format(command=command, environment="\n".join(lines))


def launchd_agent(argv: Sequence[str], environment: Mapping[str, str], home: Path) -> str:
    """The property list that keeps a command running."""
    log = str(home / "Library" / "Logs" / "hookmeter.log")
    agent = {
        "Label": LABEL,
        "ProgramArguments": list(argv),
        "EnvironmentVariables": dict(environment),
        "WorkingDirectory": str(home),
        "RunAtLoad": True,
        "KeepAlive": True,
        "Umask": 0o077,
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    return plistlib.dumps(agent).decode()


def _quoted(text: str) -> str:
    """A word as systemd reads it. Raises DataFilesError."""
    if any(not character.isprintable() for character in text):
        raise DataFilesError(f"a service cannot have {text!r}, which is not printable; rename it.")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
