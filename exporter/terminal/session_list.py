"""The list of sessions that `hookmeter sessions` prints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from exporter.terminal.amounts import dollars, duration, unpriced_note
from exporter.terminal.fitted_table import NOTHING, Column, show_fitted
from exporter.terminal.messages import say
from exporter.views.session_list import ListedSession

STYLES = {"active": "\x1b[32m", "idle": "\x1b[33m", "completed": "\x1b[2m"}
MAX_TITLE_WIDTH = 60
MAX_HOURS = 48
THOUSAND, MILLION, BILLION = 1_000, 1_000_000, 1_000_000_000
# Of a narrow terminal, ids are cut; the start of one is enough to select a session.
COLUMNS: tuple[Column[ListedSession], ...] = (
    Column("session", lambda one, _: one["session_uuid"], 12, 0, is_text=True),
    Column("title", lambda one, _: one["title"] or NOTHING, 14, 2, True, True, MAX_TITLE_WIDTH),
    Column("project", lambda one, _: one["project"] or NOTHING, 8, 1, is_text=True),
    Column("model", lambda one, _: _models(one["models"]), 9, 5, True, True),
    Column("status", lambda one, _: one["status"], 9, 4, is_text=True, styles=STYLES),
    Column("last line", lambda one, now: _ago(one["last_activity_at"], now), 10, 6),
    Column("calls", lambda one, _: f"{one['tool_count']:,}", 5, 3),
    Column("failed", lambda one, _: _number(one["error_count"]), 6, 8),
    Column("running", lambda one, _: _number(one["running"]), 7, 11, is_optional=True),
    Column("sub-agents", lambda one, _: _number(one["running_agents"]), 10, 12, is_optional=True),
    Column("background", lambda one, _: _number(one["background_commands"]), 10, 13, is_optional=True),
    Column("duration", lambda one, _: duration(one["duration_ms"]), 11, 7),
    Column("tokens", lambda one, _: _tokens(sum(one["tokens"].values())), 6, 9, is_optional=True),  # type: ignore[arg-type] # all values are numbers
    Column("cost", lambda one, _: dollars(one["cost_usd"], one["unpriced_tokens"]), 7, 0),
)


def show_sessions(sessions: Sequence[ListedSession], now: datetime) -> None:
    """Print a line per session, and what their costs lack."""
    show_fitted(COLUMNS, sessions, now)
    for note in unpriced_note(sum(one["unpriced_tokens"] for one in sessions), "these costs"):
        say(note)


def _models(models: Sequence[str]) -> str:
    """The first model without its maker, and the number of others."""
    if not models:
        return NOTHING
    others = f" +{len(models) - 1}" if len(models) > 1 else ""
    return models[0].removeprefix("claude-") + others


def _number(number: int) -> str:
    return f"{number:,}" if number else NOTHING


def _tokens(number: int) -> str:
    """A number of tokens in at most six characters: 812, 12k, 3.4M, 5.0B."""
    if number < THOUSAND:
        return _number(number)
    if round(number / THOUSAND) < THOUSAND:
        return f"{number / THOUSAND:.0f}k"
    if round(number / MILLION, 1) < THOUSAND:
        return f"{number / MILLION:.1f}M"
    return f"{number / BILLION:,.1f}B"


def _ago(moment: str, now: datetime) -> str:
    """How long ago, in one unit; a time in the future, from another clock, is now."""
    minutes = int((now - datetime.fromisoformat(moment)).total_seconds()) // 60
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < MAX_HOURS else f"{hours // 24} days ago"
