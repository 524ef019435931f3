"""`hookmeter sessions`: sessions of any age."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.commands.price_options import price_options
from exporter.commands.remembering import ledger_if_readable
from exporter.commands.session_export import format_options, session_export
from exporter.hooks_reader import HooksReader
from exporter.ledger.reading import empty_ledger
from exporter.ledger.session_pages import SORTS, TEXT_SORTS, PageOf, SessionFilter, Sort
from exporter.model.clock import now_us
from exporter.model.sessions import WINDOW_US
from exporter.model.since import parse_since, parse_until
from exporter.model.text import listed
from exporter.prices.table import PriceTable
from exporter.reports.session_records import ALL_SESSIONS, SessionSource
from exporter.terminal.messages import fail, say, say_json, warn
from exporter.terminal.session_list import show_sessions
from exporter.views.session_export import FORMATS
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import ToolUse

DEFAULT_SINCE = "24h"
NAMES_OF_SORTS: dict[str, Sort] = {name.replace("_", "-"): name for name in SORTS}


class Wanted(NamedTuple):
    """Which sessions are to be listed, in which order, and what selects them in words."""

    sessions: SessionFilter
    page: PageOf
    words: str


def list_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that select and sort sessions to a command, which gets them as Wanted."""

    @click.option("--since", metavar="TIME", default=DEFAULT_SINCE, show_default=True, help="Start: 7d, 12h or a date.")
    @click.option("--until", metavar="TIME", help="End: 7d, 12h or a date, which is included.")
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
        sessions = SessionFilter(
            since_us=parse_since(since, now),
            until_us=parse_until(until, now) if until else None,
            failed=failed or None,
            **names,
        )
        descending = order == "desc" if order else column not in TEXT_SORTS
        page = PageOf(sort=column, is_descending=descending, limit=ALL_SESSIONS.limit)
        command(wanted=Wanted(sessions, page, _words(since, until, names, failed=failed)), **others)

    return with_wanted


def _words(since: str, until: str | None, names: dict[str, str | None], *, failed: bool) -> str:
    words = [f"of {kind} {name}" for kind, name in names.items() if name]
    words += ["with failed calls"] if failed else []
    words.append("in the last 24 hours" if (since, until) == (DEFAULT_SINCE, None) else f"since {since}")
    return " ".join([*words, *([f"until {until}"] if until else [])])


@click.command()
@click.argument("uuid", required=False)
@list_options
@format_options
@places_options
@data_dir_option
@price_options
def sessions(uuid: str | None, wanted: Wanted, form: str, places: Places, data_dir: Path, prices: PriceTable) -> None:
    """List sessions, or the tool calls of one of any age; the start of its UUID is enough.

    They come from hook logs and transcripts, and from the ledger, which remembers those that are deleted. Without a
    transcript, the cost of a session is unknown.
    """
    reader = HooksReader(places.sessions_dirs[0], places.sessions_dirs[1:], transcript_roots=places.transcript_roots)
    with ledger_if_readable(data_dir) as ledger:
        source = SessionSource(reader, places.transcript_roots, prices, ledger or empty_ledger())
        if uuid is not None:
            _print_session(source, _found(source, uuid, now_us() - WINDOW_US, places), form)
        elif form == "json":
            say_json(source.records(wanted.sessions, wanted.page))
        else:
            _print_list(source, wanted, places)
    for path, reason in reader.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")


def _print_list(source: SessionSource, wanted: Wanted, places: Places) -> None:
    found = source.listed(wanted.sessions, wanted.page)
    if not found:
        say(f"No sessions {wanted.words} in {places}.")
        return
    show_sessions(found, datetime.now(UTC))


def _found(source: SessionSource, uuid: str, since_us: int, places: Places) -> SessionRecord:
    """The session whose UUID starts with a text; fails if there is none, or several."""
    records = source.starting_with(uuid, since_us) if uuid else []
    if not records:
        fail(f"no session {uuid!r} in {places}; list them with: hookmeter sessions", 1)
    if len(records) > 1:
        known = [record["session_uuid"] for record in records]
        examples = f"{listed(known[:5])}{' …' if known[5:] else ''}"
        fail(f"{len(known)} sessions start with {uuid!r}: {examples}; add more of the UUID", 1)
    return records[0]


def _print_session(source: SessionSource, record: SessionRecord, form: str) -> None:
    if form:
        sys.stdout.write(FORMATS[form].written(session_export(source, record)))
        return
    details = source.reader.get_session_details(record["session_uuid"]) if record["files"] else None
    tools: list[ToolUse] = details["tools"] if details else []
    from exporter.terminal.screen import screen  # noqa: PLC0415 - takes milliseconds, which lists save
    from exporter.terminal.session_tables import call_numbers, particulars, session_calls, summary  # noqa: PLC0415 - likewise
    from exporter.terminal.tables import show  # noqa: PLC0415 - likewise

    say(summary(record))
    for line in particulars(record):
        say(line)
    if tools:
        show(session_calls(tools, screen().width))
    elif record["calls"]:
        show(call_numbers(record["calls"]))
