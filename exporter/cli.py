"""The command `hookmeter`, as far as it reads."""

from __future__ import annotations

import io
import os
import sys

import click

from exporter.commands.lazy_group import LazyGroup
from exporter.model.errors import UserError
from exporter.terminal.messages import fail, say

COMMANDS = {
    "exporter": "exporter.commands.serve:exporter",
    "hooks": "exporter.commands.hooks:hooks",
    "sessions": "exporter.commands.sessions:sessions",
    "cost": "exporter.commands.cost:cost",
    "doctor": "exporter.commands.doctor:doctor",
    "backfill": "exporter.commands.backfill:backfill",
}


def group(places: dict[str, str]) -> LazyGroup:
    """The command with these commands below it."""
    text = "The meter for Claude Code agents: hook logs in, exact Prometheus metrics out."
    made = LazyGroup(places, name="hookmeter", help=text, context_settings={"help_option_names": ["-h", "--help"]})
    return click.version_option(package_name="hookmeter", prog_name="hookmeter")(made)


def call(command: click.Group) -> None:
    """Run the command; whatever is wrong with what the user gave is one line on standard error, and exit 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever stands in a path or a log can be said
    try:
        command(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
    except click.ClickException as error:
        fail(" ".join(error.format_message().split()), 2)
    except click.Abort:
        fail("stopped", 130)
    except UserError as error:
        fail(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's own flush is quiet
        sys.exit(1)


def main() -> None:
    """Run the command, as far as it reads."""
    call(group(COMMANDS))
