"""Every command of hookmeter by its full name."""

from __future__ import annotations

from collections.abc import Iterator

import click

from chatserver.cli.main import COMMANDS
from exporter.commands.root import group


def every_command() -> Iterator[tuple[str, click.Command]]:
    """The full names and commands, including those of command groups."""
    yield from _below(group(COMMANDS), "hookmeter")


def _below(above: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(above)
    for name in above.list_commands(context):
        command = above.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from _below(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command
