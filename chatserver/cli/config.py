"""`hookmeter config`: the settings that apply, and where each is from."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from chatserver.cli.main import COMMANDS
from exporter.commands.config_file import SETTINGS, name_of
from exporter.commands.config_location import config_path
from exporter.commands.lazy_group import LazyGroup
from exporter.commands.place_options import transcript_roots
from exporter.terminal.descriptions import Column, PlainTable
from exporter.terminal.messages import say, say_json
from exporter.terminal.tables import show
from exporter.views.redaction import redact_text

NAME = "config"
SOURCES: dict[ParameterSource | None, str] = {
    ParameterSource.COMMANDLINE: "flag",
    ParameterSource.ENVIRONMENT: "environment",
    ParameterSource.DEFAULT_MAP: "file",
    ParameterSource.DEFAULT: "default",
}


TRANSCRIPTS = "transcripts-dir"
NOT_SET = "0"  # the default of a span whose meaning is in the help text
DEFAULT_IN_HELP = re.compile(r"\[default: (.+)\]")


class Shown(NamedTuple):
    """A setting: its values, where they are from, and what holds if there are none."""

    name: str
    values: tuple[str, ...]
    source: str
    default: str = ""


class Written(click.ParamType[str]):
    """A value as it was written, which the option's own type has found valid."""

    def __init__(self, own: click.ParamType[Any]) -> None:
        self.name = own.name
        self._own = own

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Split the value of a variable as the option's own type does."""
        return self._own.split_envvar_value(rv)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Validate the value, and keep its text."""
        self._own.convert(value, param, ctx)
        return str(value)


@click.group()
def config() -> None:
    """Show the settings that apply, and where each is from."""


def show_config(as_json: bool, **values: Any) -> None:
    """Show each setting with its value and where that is from: flag, environment, file or default.

    It takes every flag that is a setting. A flag takes precedence over its environment variable, the variable over
    the file, and the file over the default.
    """
    context = click.get_current_context()
    rows = [
        _shown(option, values[option.name or ""], context.get_parameter_source(option.name or ""))
        for option in context.command.params
        if isinstance(option, click.Option) and name_of(option) in SETTINGS
    ]
    if as_json:
        settings = {row.name: {"values": list(row.values), "source": row.source} for row in rows}
        say_json({"file": str(config_path()), "settings": settings})
        return
    say(f"{config_path()}{'' if config_path().is_file() else ' does not exist'}")
    cells = [(row.name, ", ".join(row.values) or row.default or "–", row.source) for row in rows]
    columns = Column("setting", no_wrap=True), Column("value", overflow="fold"), Column("source", no_wrap=True, rank=1)
    show(PlainTable(columns, cells))


def _shown(option: click.Option, value: Any, source: ParameterSource | None) -> Shown:
    name = name_of(option)
    default = DEFAULT_IN_HELP.search(option.help or "") if source is ParameterSource.DEFAULT else None
    if name == TRANSCRIPTS and not value:
        return Shown(name, transcript_roots(()), SOURCES[source])
    is_in_words = default is not None and str(value) == NOT_SET
    return Shown(name, () if is_in_words else _texts(value), SOURCES[source], default[1] if default else "")


def _texts(value: Any) -> tuple[str, ...]:
    several = value if isinstance(value, tuple) else () if value is None or value == "" else (value,)
    return tuple(redact_text(str(each).lower() if isinstance(each, bool) else str(each)) for each in several)


def _options() -> Iterator[click.Option]:
    """Each option that is a setting, once, in the order of SETTINGS."""
    every = LazyGroup({name: command for name, command in COMMANDS.items() if name != NAME})
    found = {name_of(option): option for option in _options_of(every) if option.envvar}
    for name in SETTINGS:
        option = copy.copy(found[name])
        if not option.is_flag:
            option.type = Written(option.type)
        yield option


def _options_of(command: click.Command) -> Iterator[click.Option]:
    yield from (each for each in command.params if isinstance(each, click.Option))
    if isinstance(command, click.Group):
        context = click.Context(command)
        below = (command.get_command(context, name) for name in command.list_commands(context))
        for each in filter(None, below):
            yield from _options_of(each)


config.add_command(
    click.Command(
        "show",
        callback=show_config,
        help=show_config.__doc__,
        short_help="Show each setting with its value, and where that is from.",
        params=[*_options(), click.Option(["--json", "as_json"], is_flag=True, help="Print JSON, for scripts.")],
    )
)
