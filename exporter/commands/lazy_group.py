"""A group of commands of which only the one that is called is loaded: most of a short command's time is imports."""

from __future__ import annotations

from importlib import import_module

import click


class LazyGroup(click.Group):
    """A group whose commands are named by where they are: `module:attribute`."""

    def __init__(self, places: dict[str, str], **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type] # click's own
        self.places = places

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the table."""
        return list(self.places)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in self.places:
            return None
        module, _, attribute = self.places[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
