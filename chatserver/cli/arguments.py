"""The words that a command was called with, for processes that are to be called with the same."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import click

KEY = "hookmeter.words"


class WordsCommand(click.Command):
    """A command that remembers its words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember them, and read them."""
        ctx.meta[KEY] = list(args)
        return super().parse_args(ctx, args)


def words() -> list[str]:
    """Those of the command that runs."""
    return list(click.get_current_context().meta[KEY])


def words_for(command: click.Command, left_out: Container[str | None] = ()) -> list[str]:
    """Those that another command understands, too, but for some parameters."""
    context = click.get_current_context()
    given, _, _ = context.command.make_parser(context).parse_args(words())
    known = (param for param in command.params if param.name in given and param.name not in left_out)
    return [word for param in known for word in _spelt(param, given[param.name or ""])]


def _spelt(param: click.Parameter, value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        yield param.opts[0]
        if not (isinstance(param, click.Option) and param.is_flag):
            yield str(each)
