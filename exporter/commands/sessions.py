"""`hookmeter sessions`: sessions of any age."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from exporter.commands.options import Places, data_dir_option, places_options, price_options
from exporter.commands.remembering import ledger_if_readable
from exporter.commands.session_export import format_options, session_export
from exporter.hooks_reader import HooksReader
from exporter.model.clock import now_us
from exporter.model.sessions import WINDOW_US
from exporter.model.since import parse_since
from exporter.model.text import listed
from exporter.prices.table import PriceTable
from exporter.reports.session_records import SessionSource
from exporter.terminal.messages import fail, say, say_json, warn
from exporter.terminal.session_tables import call_numbers, particulars, session_calls, session_list, summary
from exporter.terminal.tables import show, width
from exporter.views.session_export import FORMATS
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import ToolUse


@click.command(short_help="List sessions, or the calls of one.")
@click.argument("uuid", required=False)
@click.option("--since", metavar="TIME", default="24h", show_default=True, help="Start of the list: 7d, 12h or a date.")
@format_options
@places_options
@data_dir_option
@price_options
def sessions(uuid: str | None, since: str, form: str, places: Places, data_dir: Path, prices: PriceTable) -> None:
    """List sessions since a time, or the tool calls of one of any age; the start of its UUID is enough.

    They come from hook logs and transcripts, and from the ledger, which remembers those that are deleted. Without a
    transcript, the cost of a session is unknown.
    """
    now = now_us()
    reader = HooksReader(places.sessions_dirs[0], places.sessions_dirs[1:], transcript_roots=places.transcript_roots)
    with ledger_if_readable(data_dir) as ledger:
        source = SessionSource(reader, places.transcript_roots, prices, ledger)
        if uuid is None:
            _print_list(source.since(parse_since(since, now)), since, places, as_json=form == "json")
        else:
            _print_session(source, _found(source, uuid, now - WINDOW_US, places), form)
    for path, reason in reader.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")


def _print_list(records: list[SessionRecord], since: str, places: Places, *, as_json: bool) -> None:
    if as_json:
        say_json(records)
    elif records:
        show(session_list(records, datetime.now(UTC)))
    else:
        span = "in the last 24 hours" if since == "24h" else f"since {since}"
        say(f"No sessions {span} in {places}.")


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
    say(summary(record))
    for line in particulars(record):
        say(line)
    if tools:
        show(session_calls(tools, width()))
    elif record["calls"]:
        show(call_numbers(record["calls"]))
