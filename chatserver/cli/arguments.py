"""The command-line arguments of the current command, for processes that are started with the same ones."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import click

KEY = "hookmeter.arguments"


class RecordingCommand(click.Command):
    """A command that records its arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Record the arguments, and parse them."""
        ctx.meta[KEY] = list(args)
        return super().parse_args(ctx, args)


def current_arguments() -> list[str]:
    """The arguments of the current command."""
    return list(click.get_current_context().meta[KEY])


def arguments_for(command: click.Command, left_out: Container[str | None] = ()) -> list[str]:
    """The current arguments that another command has, too, without the parameters to leave out."""
    context = click.get_current_context()
    given, _, _ = context.command.make_parser(context).parse_args(current_arguments())
    shared = (param for param in command.params if param.name in given and param.name not in left_out)
    return [argument for param in shared for argument in _spelled_out(param, given[param.name or ""])]


def _spelled_out(param: click.Parameter, value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        yield param.opts[0]
        if not (isinstance(param, click.Option) and param.is_flag):
            yield str(each)
