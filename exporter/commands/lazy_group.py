"""A group that imports only the command that is called, and has the file of settings complete its options."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import click
from click.shell_completion import CompletionItem

from exporter.model.errors import UserError
from exporter.overview import Command, overview


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called: imports are most of the time of a command."""

    def __init__(self, known: Mapping[str, Command], **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type] # click's own
        self.known = known

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called, whose defaults are the settings in the file. Raises ConfigFileError."""
        if args[0] not in self.known and not ctx.resilient_parsing:
            from difflib import get_close_matches  # noqa: PLC0415 - takes a millisecond, which valid commands save

            alike = get_close_matches(args[0], list(self.known), n=1)
            guess = f"did you mean {alike[0]}?" if alike else "list them with: hookmeter --help"
            ctx.fail(f"no command {args[0]!r}; {guess}")
        name, command, rest = super().resolve_command(ctx, args)
        if name and command and not ctx.resilient_parsing:  # as the completion of a shell has it
            ctx.default_map = {name: self._settings(command, name, ctx.help_option_names, rest)}
        return name, command, rest

    def _settings(self, command: click.Command, name: str, help_options: list[str], rest: list[str]) -> dict[str, Any]:
        """The settings in the file for a command; help needs none, so that it is there while the file has a fault."""
        from exporter.commands.config_location import config_file  # noqa: PLC0415 - shells that complete need no settings

        try:
            config = config_file()
            config.refuse_unknown_commands(self.known)
            return config.values(command, (name,))
        except UserError:
            if set(help_options) & set(rest):
                return {}
            raise

    def get_help(self, _ctx: click.Context) -> str:
        """The list of commands, which imports none of them."""
        return overview(self.known)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(self.known)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported; None if there is none."""
        if cmd_name not in self.known:
            return None
        module, _, attribute = self.known[cmd_name].location.partition(":")
        command: click.Command = getattr(_imported(module), attribute)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The options and the commands that begin with a text; none of the commands is imported."""
        names = [name for name in self.known if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=self.known[name].help) for name in names]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]


def _imported(name: str) -> ModuleType:
    """A module. What it imports stays, so neither now nor at exit is it searched for garbage: a seventh of the time."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
