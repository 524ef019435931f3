"""`hookmeter sessions`: the sessions of the last 24 hours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from exporter.commands.options import sessions_dir_option, transcript_roots, transcripts_dir_option
from exporter.hooks_reader import HooksReader
from exporter.model.text import listed
from exporter.terminal.messages import fail, say, warn
from exporter.terminal.session_tables import session_calls, session_list, summary
from exporter.terminal.tables import show, width


@click.command(short_help="List the sessions of the last 24 hours, or the calls of one.")
@click.argument("uuid", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@sessions_dir_option
@transcripts_dir_option
def sessions(
    uuid: str | None, as_json: bool, sessions_dirs: tuple[Path, ...], transcripts_dirs: tuple[Path, ...]
) -> None:
    """List the sessions of the last 24 hours, or the tool calls of one; the start of its UUID is enough."""
    roots = transcript_roots(transcripts_dirs)
    reader, where = HooksReader(sessions_dirs[0], sessions_dirs[1:], transcript_roots=roots), (*sessions_dirs, *roots)
    if uuid is None:
        _list_sessions(reader, as_json=as_json, where=where)
    else:
        _show_session(reader, uuid, as_json=as_json, where=where)
    for path, reason in reader.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing here")


def _list_sessions(reader: HooksReader, *, as_json: bool, where: tuple[object, ...]) -> None:
    summaries = reader.get_all_sessions()
    if as_json:
        say(json.dumps(summaries, indent=2))
    elif summaries:
        show(session_list(summaries, datetime.now(UTC)))
    else:
        say(f"No sessions in the last 24 hours in {listed(where)}.")


def _show_session(reader: HooksReader, uuid: str, *, as_json: bool, where: tuple[object, ...]) -> None:
    details = reader.get_session_details(uuid)
    if details is None:
        known = [session["session_uuid"] for session in reader.get_all_sessions()]
        matching = [session_id for session_id in known if session_id.startswith(uuid)] if uuid else []
        if len(matching) > 1:
            examples = f"{listed(matching[:5])}{' …' if matching[5:] else ''}"
            fail(f"{len(matching)} sessions start with {uuid!r}: {examples}; add more of the UUID", 1)
        details = reader.get_session_details(matching[0]) if matching else None
    if details is None:
        fail(f"no session {uuid!r} in {listed(where)}; list them with: hookmeter sessions", 1)
    if as_json:
        say(json.dumps(details, indent=2))
        return
    say(summary(details["summary"]))
    if details["tools"]:
        show(session_calls(details, width()))
