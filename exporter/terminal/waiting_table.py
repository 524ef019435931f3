"""What `hookmeter wait` prints: the sessions that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from exporter.snapshot.waiting import WaitingNow
from exporter.terminal.amounts import duration
from exporter.terminal.descriptions import Cell, Column, PlainTable, Styled

REASONS = {
    "permission": Styled("permission", "yellow"),
    "question": Styled("question", "yellow"),
    "idle": Styled("next prompt", "dim"),
}
# A narrow terminal truncates ids, the start of which is enough to select a session.
COLUMNS = (
    Column("session", no_wrap=True, min_width=12),
    Column("project", min_width=8),
    Column("waits for", no_wrap=True),
    Column("since", is_number=True, no_wrap=True),
    Column("tool", no_wrap=True),
    Column("asked", no_wrap=True, min_width=12),
)


def waiting_table(waiting: Iterable[WaitingNow], now: datetime) -> PlainTable:
    """A row per session."""
    return PlainTable(COLUMNS, [_row(one, now) for one in waiting])


def _row(one: WaitingNow, now: datetime) -> tuple[Cell, ...]:
    waited = max(timedelta(), now - datetime.fromisoformat(one["since"]))
    return (
        one["session_uuid"],
        one["project"] or "–",
        REASONS[one["reason"]],
        duration(waited / timedelta(milliseconds=1)),
        one["tool"] or "–",
        one["text"] or "–",
    )
