"""The options of `hookmeter sessions` for its formats, and one session in each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import click

from exporter.model.clock import EPOCH, in_us
from exporter.reports.session_records import SessionSource
from exporter.views.session_events import timeline_event
from exporter.views.session_export import FORMATS, SessionExport
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import tool_use

HELP = {
    "json": "Print JSON, for scripts.",
    "csv": "Print all of one session as CSV, for spreadsheets.",
    "markdown": "Print all of one session as Markdown, to read or share.",
}


def format_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each format to a command, which gets the one that is chosen as `form`, empty if none is."""

    @wraps(command)
    def with_form(**given: Any) -> None:
        chosen = [name for name in FORMATS if given.pop(f"as_{name}")]
        if len(chosen) > 1:
            raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other; choose one.")
        form = "".join(chosen)
        if form not in {"", "json"} and given["uuid"] is None:
            raise click.UsageError(f"--{form} is for one session; name it: hookmeter sessions UUID --{form}")
        command(form=form, **given)

    for name in reversed(FORMATS):
        with_form = click.option(f"--{name}", f"as_{name}", is_flag=True, help=HELP[name])(with_form)
    return with_form


def session_export(source: SessionSource, record: SessionRecord) -> SessionExport:
    """All of a session; of one whose files are deleted, what the ledger has."""
    session_id = record["session_uuid"]
    calls = source.reader.get_session_calls(session_id) if record["files"] else None
    events = source.reader.get_session_events(session_id) if record["files"] else None
    requests = source.requests(session_id, in_us(datetime.fromisoformat(record["started_at"]) - EPOCH))
    return SessionExport(
        record,
        [*map(tool_use, calls.calls)] if calls else [],
        [*map(timeline_event, events.events)] if events else [],
        requests,
    )
