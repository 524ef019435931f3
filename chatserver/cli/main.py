"""The command `hookmeter`: all that reads, and all that acts."""

from __future__ import annotations

from chatserver.environment import take_variable
from chatserver.process.supervisor import SUPERVISOR, end_with_supervisor
from exporter.cli import COMMANDS as READING
from exporter.cli import call, group

COMMANDS = {
    "run": "chatserver.cli.run:run",
    "server": "chatserver.cli.serve:server",
    "users": "chatserver.cli.users:users",
    "dashboards": "dashboards.command:dashboards",
    **READING,
}


def main() -> None:
    """Run the command."""
    end_with_supervisor(take_variable(SUPERVISOR))
    call(group(COMMANDS))
