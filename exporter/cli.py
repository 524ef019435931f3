"""The command `hookmeter`, without the server's commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from exporter.overview import KEEP, LOOK, RUN, SET_UP, Command, overview
from exporter.terminal.output import end_without_output, open_closed_streams

HELP = (["--help"], ["-h"])
COMMANDS = {
    "exporter": Command("exporter.commands.serve:exporter", RUN, "Read the hook logs and serve the metrics."),
    "cost": Command("exporter.commands.cost:cost", LOOK, "Report costs by model, project, day and more."),
    "sessions": Command("exporter.commands.sessions:sessions", LOOK, "List sessions, or the calls of one."),
    "search": Command(
        "exporter.commands.search:search", LOOK, "Find prompts, commands, file paths, errors and answers."
    ),
    "wait": Command("exporter.commands.wait:wait", LOOK, "Block until a session waits for you."),
    "code": Command("exporter.commands.code:code", LOOK, "Report lines added and removed, commits and pull requests."),
    "quota": Command("exporter.commands.quota:quota", LOOK, "Show quotas, budgets and forecasts."),
    "digest": Command("exporter.commands.digest:digest", LOOK, "Summarize a day or a week."),
    "statusline": Command(
        "exporter.commands.statusline:statusline",
        LOOK,
        "Print a status line: cost, burn rate, context and quotas.",
    ),
    "mcp": Command("exporter.commands.mcp:mcp", LOOK, "Answer agents by the Model Context Protocol."),
    "hooks": Command("exporter.commands.hooks:hooks", SET_UP, "Install, remove and check the recorder."),
    "completion": Command(
        "exporter.commands.completion:completion",
        SET_UP,
        "Print a script by which a shell completes commands.",
    ),
    "doctor": Command("exporter.commands.doctor:doctor", KEEP, "Check hooks, logs, transcripts, ledger and exporter."),
    "backfill": Command("exporter.commands.backfill:backfill", KEEP, "Write the history from before the first scrape."),
    "forget": Command("exporter.commands.forget:forget_command", KEEP, "Remove what was said in a session or project."),
    "migrate-data": Command(
        "exporter.commands.migrate_data:migrate_data_command",
        KEEP,
        "Move the data of an earlier version to their new place.",
    ),
}


def run(commands: Mapping[str, Command]) -> None:
    """Run one of the commands, or list them."""
    open_closed_streams()
    try:
        _run(commands)
        sys.stdout.flush()
    except OSError as error:
        end_without_output(error)
        raise


def _run(commands: Mapping[str, Command]) -> None:
    if sys.argv[1:] in HELP:
        sys.stdout.write(f"{overview(commands)}\n")
        return
    from exporter.commands.root import call, group  # noqa: PLC0415 - Click takes three times as long as Python to start

    call(group(commands))


def main() -> None:
    """Run the command, without the server's commands."""
    run(COMMANDS)
