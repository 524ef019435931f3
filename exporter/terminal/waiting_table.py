"""What `hookmeter wait` prints: the sessions that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from exporter.snapshot.waiting import TitledWaiting
from exporter.terminal.amounts import duration
from exporter.terminal.fitted_table import NOTHING, Column, show_fitted

REASONS = {"permission": "permission", "question": "question", "idle": "next prompt"}
STYLES = {"permission": "\x1b[33m", "question": "\x1b[33m", "next prompt": "\x1b[2m"}
# Of a narrow terminal, ids are cut; the start of one is enough to select a session.
COLUMNS: tuple[Column[TitledWaiting], ...] = (
    Column("session", lambda one, _: one["session_uuid"], 12, 0, is_text=True),
    Column("title", lambda one, _: one["title"] or NOTHING, 14, 3, is_text=True, is_optional=True),
    Column("project", lambda one, _: one["project"] or NOTHING, 8, 4, is_text=True),
    Column("waits for", lambda one, _: REASONS[one["reason"]], 11, 1, is_text=True, styles=STYLES),
    Column("since", lambda one, now: _waited(one["since"], now), 11, 5),
    Column("tool", lambda one, _: one["tool"] or NOTHING, 6, 6, is_text=True),
    Column("asked", lambda one, _: one["text"] or NOTHING, 12, 2, is_text=True),
)


def show_waits(waits: Sequence[TitledWaiting], now: datetime) -> None:
    """Print a line per session."""
    show_fitted(COLUMNS, waits, now)


def _waited(since: str, now: datetime) -> str:
    waited = max(timedelta(), now - datetime.fromisoformat(since))
    return duration(waited / timedelta(milliseconds=1))
