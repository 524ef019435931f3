"""A group that imports only the command that is called, and has the file of settings complete its options."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

SHORT_HELP_LENGTH = 100


class LazyGroup(click.Group):
    """A group whose commands are given by their location, `module:attribute`; imports are most of a command's time."""

    def __init__(
        self, locations: dict[str, str], short_help: Mapping[str, str] | None = None, **attributes: object
    ) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type] # click's own
        self.locations = locations
        self._short_help = short_help or {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called, whose defaults are the settings in the file. Raises ConfigFileError."""
        name, command, rest = super().resolve_command(ctx, args)
        if name and command and not ctx.resilient_parsing:  # as the completion of a shell has it
            from exporter.commands.options import config_file  # noqa: PLC0415 - `--help` needs no options

            config = config_file()
            config.refuse_unknown(config.commands, self.locations)
            ctx.default_map = {name: config.values(command, (name,))}
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, which imports only those whose short help is not given."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._text_of(ctx, name)) for name in self.locations])

    def _text_of(self, ctx: click.Context, name: str) -> str:
        if name in self._short_help:
            return self._short_help[name]
        command = self.get_command(ctx, name)
        return command.get_short_help_str(SHORT_HELP_LENGTH) if command else ""

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
