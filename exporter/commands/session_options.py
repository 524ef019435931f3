"""The options of `hookmeter sessions`: which sessions, in which order, and in which format."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from exporter.commands.switches import chosen_switches
from exporter.commands.value_types import Time
from exporter.ledger.session_pages import ALL_SESSIONS, SORTS, TEXT_SORTS, PageOf, SessionFilter, Sort
from exporter.model.clock import now_us
from exporter.model.since import parse_range

DEFAULT_SINCE = "24h"
NAMES_OF_SORTS: dict[str, Sort] = {name.replace("_", "-"): name for name in SORTS}
LIST_OPTIONS = ("since", "until", "project", "model", "agent", "failed", "sort", "order")
FORMATS = {
    "json": "Print JSON, for scripts.",
    "csv": "Print all of one session as CSV, for spreadsheets.",
    "markdown": "Print all of one session as Markdown, to read or share.",
}


class Wanted(NamedTuple):
    """Which sessions are to be listed, in which order, and what selects them in words."""

    sessions: SessionFilter
    page: PageOf
    words: str


def list_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that select and sort sessions to a command, which gets them as Wanted."""

    @click.option("--since", type=Time(), default=DEFAULT_SINCE, show_default=True, help="Start: 7d, 12h or a date.")
    @click.option("--until", type=Time(), help="End: 7d, 12h or a date, which is included.")
    @click.option("--project", metavar="NAME", help="Only sessions of a project; * is any text.")
    @click.option("--model", metavar="NAME", help="Only sessions that used a model, such as *opus*.")
    @click.option("--agent", metavar="NAME", help="Only sessions in which an agent worked.")
    @click.option("--failed", is_flag=True, help="Only sessions with failed calls.")
    @click.option(
        "--sort",
        type=click.Choice(list(NAMES_OF_SORTS)),
        default="last-activity",
        show_default=True,
        help="What the list is sorted by.",
    )
    @click.option(
        "--order", type=click.Choice(["asc", "desc"]), help="Order of the list.  [default: asc for texts, else desc]"
    )
    @wraps(command)
    def with_wanted(
        since: str, until: str | None, sort: str, order: str | None, *, failed: bool, **others: Any
    ) -> None:
        names = {name: others.pop(name) for name in ("project", "model", "agent")}
        now, column = now_us(), NAMES_OF_SORTS[sort]
        since_us, until_us = parse_range(since, until, now)
        sessions = SessionFilter(since_us=since_us, until_us=until_us, failed=failed or None, **names)
        descending = order == "desc" if order else column not in TEXT_SORTS
        page = PageOf(sort=column, is_descending=descending, limit=ALL_SESSIONS.limit)
        command(wanted=Wanted(sessions, page, _words(since, until, names, failed=failed)), **others)

    return with_wanted


def refuse_list_options() -> None:
    """Raise UsageError if an option of the list was given on the command line: of one session there is no list."""
    context = click.get_current_context()
    for name in LIST_OPTIONS:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name} is for the list; leave it or the session out.")


def _words(since: str, until: str | None, names: dict[str, str | None], *, failed: bool) -> str:
    words = [f"of {kind} {name}" for kind, name in names.items() if name]
    words += ["with failed calls"] if failed else []
    words.append("in the last 24 hours" if (since, until) == (DEFAULT_SINCE, None) else f"since {since}")
    return " ".join([*words, *([f"until {until}"] if until else [])])


def format_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each format to a command, which gets the one that is chosen as `form`, empty if none is."""

    @wraps(command)
    def with_form(**given: Any) -> None:
        switches = {f"as_{name}": given.pop(f"as_{name}") for name in FORMATS}
        chosen = [name.removeprefix("as_") for name in chosen_switches(switches)]
        if len(chosen) > 1:
            raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other; choose one.")
        form = "".join(chosen)
        if form not in {"", "json"} and given["uuid"] is None:
            raise click.UsageError(f"--{form} is for one session; name it: hookmeter sessions UUID --{form}")
        command(form=form, **given)

    for name in reversed(FORMATS):
        with_form = click.option(f"--{name}", f"as_{name}", is_flag=True, help=FORMATS[name])(with_form)
    return with_form
