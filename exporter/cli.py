"""The command `hookmeter`, without the server's commands."""

from __future__ import annotations

import io
import os
import sys

import click

from exporter.commands.lazy_group import LazyGroup
from exporter.model.errors import UserError
from exporter.terminal.messages import fail, say
from exporter.terminal.uncaught_errors import print_uncaught_errors

COMMANDS = {
    "exporter": "exporter.commands.serve:exporter",
    "hooks": "exporter.commands.hooks:hooks",
    "sessions": "exporter.commands.sessions:sessions",
    "search": "exporter.commands.search:search",
    "forget": "exporter.commands.forget:forget_command",
    "wait": "exporter.commands.wait:wait",
    "cost": "exporter.commands.cost:cost",
    "code": "exporter.commands.code:code",
    "statusline": "exporter.commands.statusline:statusline",
    "quota": "exporter.commands.quota:quota",
    "mcp": "exporter.commands.mcp:mcp",
    "digest": "exporter.commands.digest:digest",
    "doctor": "exporter.commands.doctor:doctor",
    "migrate-data": "exporter.commands.migrate_data:migrate_data_command",
    "backfill": "exporter.commands.backfill:backfill",
    "completion": "exporter.commands.completion:completion",
}
# Of the commands, so that `hookmeter --help` imports none of them.
SHORT_HELP = {
    "exporter": "Read the hook logs and serve the metrics.",
    "hooks": "Install, remove and check the recorder.",
    "sessions": "List sessions, or the calls of one.",
    "search": "Find prompts, commands, file paths, errors and answers.",
    "forget": "Remove what is kept of what was said in a session or project.",
    "wait": "Block until a session waits for you.",
    "cost": "Report costs by model, project, agent, day, session, branch, skill and more.",
    "code": "Report lines added and removed, commits and pull requests.",
    "statusline": "Print a status line: today's cost, burn rate, context and quotas.",
    "quota": "Show quotas, budgets and forecasts.",
    "mcp": "Answer agents by the Model Context Protocol.",
    "digest": "Summarize a day or a week.",
    "doctor": "Check hooks, logs, transcripts, ledger and exporter.",
    "migrate-data": "Move the data of an earlier version to where every command finds them.",
    "backfill": "Write the history from before the first scrape.",
    "completion": "Print a script for your shell, which completes commands and options.",
}


def group(locations: dict[str, str], short_help: dict[str, str] = SHORT_HELP) -> LazyGroup:
    """The command `hookmeter` with its subcommands, given by their locations, and what the list of them says."""
    text = "Prometheus exporter for Claude Code agents: exact metrics from hook logs and transcripts."
    command = LazyGroup(
        locations,
        short_help,
        name="hookmeter",
        help=text,
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=_print_warnings,
    )
    return click.version_option(package_name="hookmeter", prog_name="hookmeter")(command)


def _print_warnings() -> None:
    from exporter.terminal.log_lines import print_warnings  # noqa: PLC0415 - `--help` has none

    print_warnings()


def call(command: click.Group) -> None:
    """Run the command; a mistake in the user's input is one line on standard error, and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # any text from a path or a log can be printed
    print_uncaught_errors()
    try:
        command(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        for line in error.format_message().splitlines():
            say(line)
    except click.ClickException as error:
        fail(" ".join(error.format_message().split()), 2)
    except click.Abort:
        fail("stopped", 130)
    except UserError as error:
        fail(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the last flush does not fail
        sys.exit(1)


def main() -> None:
    """Run the command, without the server's commands."""
    call(group(COMMANDS))
