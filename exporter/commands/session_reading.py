"""Sessions of which files have more than the ledger, and all that is known of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exporter.commands.place_options import Places
from exporter.commands.remembering import ledger_if_readable
from exporter.commands.session_options import Wanted
from exporter.hooks_reader import HooksReader
from exporter.ledger.reading import empty_ledger
from exporter.model.text import listed
from exporter.prices.table import PriceTable
from exporter.reports.session_export import session_export
from exporter.reports.session_records import SessionSource
from exporter.terminal.messages import fail, say, say_json, warn
from exporter.terminal.screen import screen
from exporter.terminal.session_tables import call_numbers, particulars, session_calls, summary
from exporter.terminal.tables import show
from exporter.views.session_export import FORMATS
from exporter.views.session_list import ListedSession
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import ToolUse


@dataclass(frozen=True, slots=True)
class SessionReading:
    """Sessions in the ledger and in files."""

    source: SessionSource
    places: Places

    def listed(self, wanted: Wanted) -> list[ListedSession]:
        """The sessions that are wanted."""
        return self.source.listed(wanted.sessions, wanted.page)

    def print_records(self, wanted: Wanted) -> None:
        """Print all that is known of the sessions that are wanted, as JSON."""
        say_json(self.source.records(wanted.sessions, wanted.page))

    def print_session(self, uuid: str, form: str) -> None:
        """Print one session in a format, by default as a table of its calls; fails if there is none, or several."""
        record = self._found(uuid)
        if form:
            sys.stdout.write(FORMATS[form].written(session_export(self.source, record)))
            return
        details = self.source.reader.get_session_details(record["session_uuid"]) if record["files"] else None
        tools: list[ToolUse] = details["tools"] if details else []
        for line in (summary(record), *particulars(record)):
            say(line)
        if tools:
            show(session_calls(tools, screen().width))
        elif record["calls"]:
            show(call_numbers(record["calls"]))

    def _found(self, uuid: str) -> SessionRecord:
        records = self.source.starting_with(uuid) if uuid else []
        if not records:
            fail(f"no session {uuid!r} in {self.places}; list them with: hookmeter sessions", 1)
        if len(records) > 1:
            known = [record["session_uuid"] for record in records]
            examples = f"{listed(known[:5])}{' …' if known[5:] else ''}"
            fail(f"{len(known)} sessions start with {uuid!r}: {examples}; add more of the UUID", 1)
        return records[0]


@contextmanager
def reading(places: Places, data_dir: Path, prices: PriceTable) -> Iterator[SessionReading]:
    """The sessions in these places; afterwards, what could not be read is reported."""
    reader = HooksReader(places.sessions_dirs[0], places.sessions_dirs[1:], transcript_roots=places.transcript_roots)
    with ledger_if_readable(data_dir) as ledger:
        source = SessionSource(reader, places.transcript_roots, prices, ledger or empty_ledger())
        yield SessionReading(source, places)
    for path, reason in source.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")
