"""The command `hookmeter`: all that reads, and all that acts."""

from __future__ import annotations

from chatserver.supervisor import end_with_supervisor
from exporter.cli import COMMANDS as READING
from exporter.cli import call, group

COMMANDS = {
    "run": "chatserver.run_command:run",
    "server": "chatserver.serve_command:server",
    "users": "chatserver.cli:users",
    "dashboards": "dashboards.command:dashboards",
    **READING,
}


def main() -> None:
    """Run the command."""
    end_with_supervisor()
    call(group(COMMANDS))
