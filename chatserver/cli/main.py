"""The command `hookmeter`: all commands of the exporter and the server."""

from __future__ import annotations

from chatserver.accounts.key_handover import restart_without_variable
from chatserver.environment import take_variable
from chatserver.process.supervisor import SUPERVISOR, end_with_supervisor
from exporter.cli import COMMANDS as EXPORTER_COMMANDS
from exporter.cli import call, group
from exporter.serving.inspection import forbid_inspection

COMMANDS = {
    "run": "chatserver.cli.run:run",
    "server": "chatserver.cli.serve:server",
    "users": "chatserver.cli.users:users",
    "dashboards": "dashboards.command:dashboards",
    "stack": "dashboards.write_command:stack",
    "backup": "chatserver.cli.backup:backup",
    "restore": "chatserver.cli.backup:restore",
    "service": "chatserver.cli.service:service",
    "uninstall": "chatserver.cli.uninstall:uninstall",
    "config": "chatserver.cli.config:config",
    **EXPORTER_COMMANDS,
}


def main() -> None:
    """Run the command, as a console script."""
    forbid_inspection()
    end_with_supervisor(take_variable(SUPERVISOR))
    restart_without_variable()
    call(group(COMMANDS))
