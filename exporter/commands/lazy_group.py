"""A group that imports only the command that is called: imports are most of a short command's time."""

from __future__ import annotations

from importlib import import_module

import click


class LazyGroup(click.Group):
    """A group whose commands are given by their location, `module:attribute`."""

    def __init__(self, locations: dict[str, str], **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type] # click's own
        self.locations = locations

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of `locations`."""
        return list(self.locations)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported; None if there is none."""
        if cmd_name not in self.locations:
            return None
        module, _, attribute = self.locations[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
