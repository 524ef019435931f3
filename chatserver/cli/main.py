"""The command `hookmeter`: all commands of the exporter and the server."""

from __future__ import annotations

from chatserver.accounts.key_handover import restart_without_variable
from chatserver.environment import take_variable
from chatserver.process.supervised import SUPERVISOR, end_with_supervisor
from exporter.cli import COMMANDS as EXPORTER_COMMANDS
from exporter.cli import SHORT_HELP as EXPORTER_SHORT_HELP
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
SHORT_HELP = {
    "run": "Run everything: the exporter and the server.",
    "server": "Serve tasks, chat and live metrics.",
    "users": "Manage the users of the server.",
    "dashboards": "Write Grafana boards, alerts and recording rules.",
    "stack": "Write the files of the whole stack.",
    "backup": "Write ledger, database, key, search index and settings to an archive.",
    "restore": "Put what an archive has in place.",
    "service": "Start hookmeter at log-in, and keep it running.",
    "uninstall": "Remove hookmeter from settings and services; data stay.",
    "config": "Show the settings that apply.",
    **EXPORTER_SHORT_HELP,
}


def main() -> None:
    """Run the command, as a console script."""
    forbid_inspection()
    end_with_supervisor(take_variable(SUPERVISOR))
    restart_without_variable()
    call(group(COMMANDS, SHORT_HELP))
