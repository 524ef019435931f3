"""`hookmeter sessions`: sessions of any age."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.commands.price_options import price_options
from exporter.commands.session_options import Wanted, format_options, list_options, refuse_list_options
from exporter.ledger.failures import LedgerError
from exporter.prices.table import PriceTable
from exporter.reports.session_list import sessions_in_ledger
from exporter.terminal.messages import say
from exporter.terminal.session_list import show_sessions
from exporter.views.session_list import ListedSession


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
    if uuid is not None:
        refuse_list_options()
    found = _in_ledger(data_dir, places, prices, wanted) if uuid is None and not form else None
    if found is None:
        from exporter.commands.session_reading import reading  # noqa: PLC0415 - takes 50 ms, which are saved where the ledger has everything

        with reading(places, data_dir, prices) as source:
            if uuid is not None:
                source.print_session(uuid, form)
                return
            if form:
                source.print_records(wanted)
                return
            found = source.listed(wanted)
    if found:
        show_sessions(found, datetime.now(UTC))
    else:
        say(f"No sessions {wanted.words} in {places}.")


def _in_ledger(data_dir: Path, places: Places, prices: PriceTable, wanted: Wanted) -> list[ListedSession] | None:
    sessions_dirs, roots = places.sessions_dirs, places.transcript_roots
    with suppress(LedgerError):  # which is reported where files are read instead
        return sessions_in_ledger(data_dir, sessions_dirs, roots, prices, wanted.sessions, wanted.page)
    return None
