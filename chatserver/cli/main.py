"""The command `hookmeter`: all commands of the exporter and the server."""

from __future__ import annotations

from chatserver.accounts.key_handover import restart_without_variable
from chatserver.environment import take_variable
from chatserver.process.supervised import SUPERVISOR, end_with_supervisor
from exporter.cli import COMMANDS as EXPORTER_COMMANDS
from exporter.cli import run
from exporter.overview import KEEP, RUN, SET_UP, Command
from exporter.serving.inspection import forbid_inspection

COMMANDS = {
    "run": Command("chatserver.cli.run:run", RUN, "Run everything: the exporter and the server."),
    "server": Command("chatserver.cli.serve:server", RUN, "Serve tasks, chat and live metrics."),
    **EXPORTER_COMMANDS,
    "service": Command("chatserver.cli.service:service", RUN, "Start hookmeter at login, and keep it running."),
    "users": Command("chatserver.cli.users:users", SET_UP, "Manage the users of the server."),
    "config": Command("chatserver.cli.config:config", SET_UP, "Show the settings that apply."),
    "dashboards": Command("dashboards.command:dashboards", SET_UP, "Write Grafana boards, alerts and recording rules."),
    "stack": Command("dashboards.write_command:stack", SET_UP, "Write the files of the whole stack."),
    "backup": Command("chatserver.cli.backup:backup", KEEP, "Write ledger, database, key and settings to an archive."),
    "restore": Command("chatserver.cli.backup:restore", KEEP, "Restore ledger, database and key from an archive."),
    "uninstall": Command(
        "chatserver.cli.uninstall:uninstall", KEEP, "Remove hooks, status line and service; keep the data."
    ),
}


def main() -> None:
    """Run the command, as a console script."""
    forbid_inspection()
    end_with_supervisor(take_variable(SUPERVISOR))
    restart_without_variable()
    run(COMMANDS)
