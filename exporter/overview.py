"""What `hookmeter --help` prints: all commands, by what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# What commands are for, in the order in which they are listed.
RUN = "Run it"
LOOK = "Look at sessions and costs"
SET_UP = "Set it up"
KEEP = "Keep it in order"
SECTIONS = (RUN, LOOK, SET_UP, KEEP)


class Command(NamedTuple):
    """A command: where it is implemented (`module:attribute`), which of SECTIONS it is in, and what it does."""

    location: str
    section: str
    help: str


ABOUT = "Exact Prometheus metrics of Claude Code agents, from hook logs and transcripts."
OPTIONS = {"--version": "Show the version and exit.", "-h, --help": "Show this message and exit."}
HINT = "`hookmeter COMMAND --help` describes a command."


def overview(commands: Mapping[str, Command]) -> str:
    """The commands with what they do, and the options, in lines of at most 80 columns."""
    parts = {section: _of(section, commands) for section in SECTIONS} | {"Options": OPTIONS}
    width = max(len(name) for part in parts.values() for name in part)
    lines = ["Usage: hookmeter [OPTIONS] COMMAND [ARGS]...", "", ABOUT]
    for title, part in parts.items():
        lines += ["", f"{title}:", *(f"  {name:{width}}  {text}" for name, text in part.items())]
    return "\n".join([*lines, "", HINT])


def _of(section: str, commands: Mapping[str, Command]) -> dict[str, str]:
    return {name: command.help for name, command in commands.items() if command.section == section}
