"""The command `hookmeter` by its subcommands: how it is called, and how its errors are shown."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Mapping

import click

from exporter.commands.lazy_group import LazyGroup
from exporter.model.errors import UserError
from exporter.overview import ABOUT, Command
from exporter.terminal.messages import fail, say
from exporter.terminal.uncaught_errors import print_uncaught_errors


def group(commands: Mapping[str, Command]) -> LazyGroup:
    """The command with some subcommands."""
    command = LazyGroup(
        commands,
        name="hookmeter",
        help=ABOUT,
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=print_warnings,
    )
    return click.version_option(package_name="hookmeter", prog_name="hookmeter")(command)


def print_warnings() -> None:
    """Have what libraries log printed as messages are; a command that logs nothing starts without `logging`."""
    if "logging" in sys.modules:
        importlib.import_module("exporter.model.log")


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
