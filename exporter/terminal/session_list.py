"""The list of sessions that `hookmeter sessions` prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len

from exporter.model.text import printable
from exporter.terminal.alignment import COLUMN_GAP, aligned, line
from exporter.terminal.amounts import dollars, duration
from exporter.terminal.screen import screen
from exporter.views.session_list import ListedSession

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
STYLES = {"active": "\x1b[32m", "idle": "\x1b[33m", "completed": "\x1b[2m"}  # of the cells with a status
MAX_TITLE_WIDTH = 60
MAX_HOURS = 48
THOUSAND, MILLION = 1_000, 1_000_000


class Column(NamedTuple):
    """A column: its name, its cells, its least width, and whether it is left out where all of its cells are empty.

    Of columns that do not fit together, those with the highest `rank` are left out first.
    """

    name: str
    cell: Callable[[ListedSession, datetime], str]
    min_width: int
    rank: int
    is_text: bool = False
    is_optional: bool = False
    max_width: int | None = None


COLUMNS = (
    Column("session", lambda one, _: one["session_uuid"], 12, 0, is_text=True),
    Column("title", lambda one, _: one["title"] or "–", 14, 2, True, True, MAX_TITLE_WIDTH),
    Column("project", lambda one, _: one["project"] or "–", 8, 1, is_text=True),
    Column("model", lambda one, _: _models(one["models"]), 9, 5, True, True),
    Column("status", lambda one, _: one["status"], 9, 4, is_text=True),
    Column("last line", lambda one, now: _ago(one["last_activity_at"], now), 10, 6),
    Column("calls", lambda one, _: str(one["tool_count"]), 5, 3),
    Column("failed", lambda one, _: _number(one["error_count"]), 6, 8),
    Column("running", lambda one, _: _number(one["running"]), 7, 11, is_optional=True),
    Column("sub-agents", lambda one, _: _number(one["running_agents"]), 10, 12, is_optional=True),
    Column("background", lambda one, _: _number(one["background_commands"]), 10, 13, is_optional=True),
    Column("duration", lambda one, _: duration(one["duration_ms"]), 11, 7),
    Column("tokens", lambda one, _: _tokens(sum(one["tokens"].values())), 6, 9, is_optional=True),  # type: ignore[arg-type] # all values are numbers
    Column("cost", lambda one, _: dollars(one["cost_usd"]), 7, 0),
)


def show_sessions(sessions: Sequence[ListedSession], now: datetime) -> None:
    """Print a line per session: in a pipe, neither truncated nor colored."""
    max_width, is_colored = screen()
    sys.stdout.writelines(f"{each}\n" for each in session_lines(sessions, now, max_width, is_colored=is_colored))
    sys.stdout.flush()


def session_lines(
    sessions: Sequence[ListedSession], now: datetime, max_width: int, *, is_colored: bool
) -> Iterator[str]:
    """A head, and a line per session. If it is narrow, ids are cut; the start of one is enough to select a session."""
    cells = {column: [printable(column.cell(session, now)) for session in sessions] for column in COLUMNS}
    filled = [column for column in COLUMNS if not column.is_optional or {*cells[column]} != {"–"}]
    shown = _fitting(filled, max_width)
    widths = _widths({column: cells[column] for column in shown}, max_width)
    head = line([_fitted(column.name, widths[column], column) for column in shown])
    yield f"{BOLD}{head}{PLAIN}" if is_colored else head
    for texts in zip(*(cells[column] for column in shown), strict=True):
        fitted = [_fitted(text, widths[column], column) for column, text in zip(shown, texts, strict=True)]
        if is_colored:
            fitted = [
                f"{STYLES[text]}{cell}{PLAIN}" if text in STYLES else cell
                for text, cell in zip(texts, fitted, strict=True)
            ]
        yield line(fitted)


def _fitted(text: str, width: int, column: Column) -> str:
    return aligned(text, width, is_number=not column.is_text)


def _fitting(columns: Iterable[Column], max_width: int) -> list[Column]:
    """The columns that fit a width together, in their order."""
    fitting: list[Column] = []
    for column in sorted(columns, key=lambda column: column.rank):
        if sum(one.min_width + COLUMN_GAP for one in (*fitting, column)) - COLUMN_GAP <= max_width:
            fitting.append(column)
    return sorted(fitting, key=COLUMNS.index)


def _widths(cells: Mapping[Column, Sequence[str]], max_width: int) -> dict[Column, int]:
    """The widths of columns: as wide as their cells, but if that is too much, the widest text is cut first."""
    widths = {column: max(cell_len(column.name), *(cell_len(cell) for cell in own)) for column, own in cells.items()}
    widths = {column: min(width, column.max_width or width) for column, width in widths.items()}
    while (excess := sum(widths.values()) + COLUMN_GAP * (len(widths) - 1) - max_width) > 0:
        spare = {column: width - column.min_width for column, width in widths.items() if column.is_text}
        widest = max(spare, key=lambda column: spare[column])
        if spare[widest] <= 0:
            break
        widths[widest] -= min(excess, spare[widest])
    return widths


def _models(models: Sequence[str]) -> str:
    """The first model without its maker, and the number of others."""
    if not models:
        return "–"
    others = f" +{len(models) - 1}" if len(models) > 1 else ""
    return models[0].removeprefix("claude-") + others


def _number(number: int) -> str:
    return str(number) if number else "–"


def _tokens(number: int) -> str:
    """A number of tokens in three or four characters: 812, 12k, 3.4M."""
    if number < THOUSAND:
        return _number(number)
    if number < MILLION:
        return f"{number / THOUSAND:.0f}k"
    return f"{number / MILLION:.1f}M"


def _ago(moment: str, now: datetime) -> str:
    """How long ago, in one unit; a time in the future, from another clock, is now."""
    minutes = int((now - datetime.fromisoformat(moment)).total_seconds()) // 60
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < MAX_HOURS else f"{hours // 24} days ago"
