"""What `hookmeter wait` prints: the sessions that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from exporter.snapshot.waiting import WaitingNow
from exporter.terminal.amounts import duration
from exporter.terminal.tables import PlainTable

REASONS = {
    "permission": Text("permission", "yellow"),
    "question": Text("question", "yellow"),
    "idle": Text("next prompt", "dim"),
}


def waiting_table(waiting: Iterable[WaitingNow], now: datetime) -> Table:
    """A row per session. A narrow terminal truncates ids, the start of which is enough to select a session."""
    table = PlainTable()
    table.add_column("session", overflow="ellipsis", no_wrap=True, min_width=12)
    table.add_column("project", overflow="ellipsis", min_width=8)
    table.add_column("waits for", no_wrap=True)
    table.add_column("since", justify="right", no_wrap=True)
    table.add_column("tool", overflow="ellipsis", no_wrap=True)
    table.add_column("asked", overflow="ellipsis", no_wrap=True, min_width=12)
    for one in waiting:
        waited = max(timedelta(), now - datetime.fromisoformat(one["since"]))
        table.add_row(
            one["session_uuid"],
            one["project"] or "–",
            REASONS[one["reason"]],
            duration(waited / timedelta(milliseconds=1)),
            one["tool"] or "–",
            one["text"] or "–",
        )
    return table
