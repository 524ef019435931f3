"""`hookmeter sessions`: the sessions of the last 24 hours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from exporter.commands.options import price_options, sessions_dir_option, transcript_roots, transcripts_dir_option
from exporter.hooks_reader import HooksReader
from exporter.model.text import listed
from exporter.prices.table import PriceTable
from exporter.reports.session_costs import with_costs
from exporter.terminal.messages import fail, say, warn
from exporter.terminal.session_tables import session_calls, session_list, summary
from exporter.terminal.tables import show, width
from exporter.views.sessions import PricedSession, SessionDetails, SessionSummary


@click.command(short_help="List the sessions of the last 24 hours, or the calls of one.")
@click.argument("uuid", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@sessions_dir_option
@transcripts_dir_option
@price_options
def sessions(
    uuid: str | None,
    as_json: bool,
    sessions_dirs: tuple[Path, ...],
    transcripts_dirs: tuple[Path, ...],
    prices: PriceTable,
) -> None:
    """List the sessions of the last 24 hours, or the tool calls of one; the start of its UUID is enough.

    They come from hook logs and transcripts. Without a transcript, the cost of a session is unknown.
    """
    roots = transcript_roots(transcripts_dirs)
    reader = HooksReader(sessions_dirs[0], sessions_dirs[1:], transcript_roots=roots)
    source = _Source(reader, roots, prices, listed((*sessions_dirs, *roots)))
    if uuid is None:
        _list_sessions(source, as_json=as_json)
    else:
        _show_session(source, uuid, as_json=as_json)
    for path, reason in reader.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")


@dataclass(frozen=True, slots=True)
class _Source:
    """What sessions are read from; `where` names it."""

    reader: HooksReader
    roots: tuple[str, ...]
    prices: PriceTable
    where: str

    def priced(self, sessions: list[SessionSummary]) -> list[PricedSession]:
        """The sessions with their costs."""
        return with_costs(sessions, self.roots, self.prices)


def _list_sessions(source: _Source, *, as_json: bool) -> None:
    summaries = source.priced(source.reader.get_all_sessions())
    if as_json:
        say(json.dumps(summaries, indent=2))
    elif summaries:
        show(session_list(summaries, datetime.now(UTC)))
    else:
        say(f"No sessions in the last 24 hours in {source.where}.")


def _show_session(source: _Source, uuid: str, *, as_json: bool) -> None:
    details = source.reader.get_session_details(uuid) or _found_by_start(source, uuid)
    if details is None:
        fail(f"no session {uuid!r} in {source.where}; list them with: hookmeter sessions", 1)
    (session,) = source.priced([details["summary"]])
    if as_json:
        say(json.dumps({**details, "summary": session}, indent=2))
        return
    say(summary(session))
    if details["tools"]:
        show(session_calls(details, width()))


def _found_by_start(source: _Source, uuid: str) -> SessionDetails | None:
    """The session of the last 24 hours whose UUID starts with a text; fails if there are several."""
    known = [session["session_uuid"] for session in source.reader.get_all_sessions()]
    matching = [session_id for session_id in known if session_id.startswith(uuid)] if uuid else []
    if len(matching) > 1:
        examples = f"{listed(matching[:5])}{' …' if matching[5:] else ''}"
        fail(f"{len(matching)} sessions start with {uuid!r}: {examples}; add more of the UUID", 1)
    return source.reader.get_session_details(matching[0]) if matching else None
