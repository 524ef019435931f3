"""Tables and texts that the commands print for people."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.model.text import shortened
from exporter.views.sessions import SessionDetails, SessionSummary, ToolUse

STATUS_STYLES = {"active": "green", "idle": "yellow", "completed": "dim"}
OUTCOME_STYLES = {"success": "green", "error": "red", "denied": "yellow", "interrupted": "yellow", "running": "cyan"}
PIPE_WIDTH = 4_000


def width() -> int:
    """The maximum width of a table: that of the terminal; in a pipe, practically unlimited."""
    return Console(file=sys.stdout).width if sys.stdout.isatty() else PIPE_WIDTH


def show(table: Table) -> None:
    """Print a table; in a pipe, one line per row, neither truncated nor padded."""
    if sys.stdout.isatty():
        Console(file=sys.stdout, highlight=False).print(table)
        return
    page = Console(file=io.StringIO(), width=PIPE_WIDTH, highlight=False, color_system=None)
    with page.capture() as captured:
        page.print(table)
    sys.stdout.writelines(line.rstrip() + "\n" for line in captured.get().splitlines())
    sys.stdout.flush()


def session_list(sessions: Iterable[SessionSummary], now: datetime) -> Table:
    """A row per session. A narrow terminal truncates ids, the start of which is enough to select a session."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("session", overflow="ellipsis", min_width=12)
    table.add_column("project", overflow="ellipsis", min_width=8)
    table.add_column("status", no_wrap=True)
    for name in ("last line", "calls", "running", "duration"):
        table.add_column(name, justify="right", no_wrap=True)
    for session in sessions:
        table.add_row(
            plain(session["session_uuid"]),
            plain(session["project"] or "–"),
            Text(session["status"], STATUS_STYLES[session["status"]]),
            _ago(session["last_activity_at"], now),
            str(session["tool_count"]),
            str(session["running"] or "–"),
            duration(session["duration_ms"]),
        )
    return table


def session_calls(details: SessionDetails, max_width: int) -> Table:
    """A row per tool call, in the order in which they started; an error is shortened to the width.

    If all calls started on the same day, the date is only in the summary.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("started", no_wrap=True)
    table.add_column("tool", overflow="ellipsis", min_width=8)
    table.add_column("agent", overflow="ellipsis", min_width=8)
    table.add_column("outcome", no_wrap=True)
    table.add_column("duration", justify="right", no_wrap=True)
    table.add_column("error", overflow="ellipsis", no_wrap=True)
    started = [_local(tool["timestamp"]) for tool in details["tools"]]
    is_one_day = len({moment[:10] for moment in started}) == 1
    rows = [
        (
            moment[11:] if is_one_day and moment[11:] else moment,
            plain(tool["tool_name"]).plain,
            plain(tool["agent"]).plain,
            tool["outcome"],
            duration(tool["duration_ms"]),
        )
        for tool, moment in zip(details["tools"], started, strict=True)
    ]
    left = max_width - sum(2 + max(map(len, column)) for column in zip(*rows, strict=True))
    for tool, (moment, name, agent, outcome, elapsed) in zip(details["tools"], rows, strict=True):
        styled = Text(outcome, OUTCOME_STYLES.get(outcome, "dim"))
        error = Text(shortened(plain(_error(tool)).plain, max(left, 24)))
        table.add_row(moment, Text(name), Text(agent), styled, elapsed, error)
    return table


def summary(session: SessionSummary) -> str:
    """A session in one line, as the heading of its calls."""
    words = (
        plain(session["session_uuid"]).plain,
        plain(session["project"]).plain,
        session["status"],
        f"started {_local(session['started_at'])}",
        f"{session['tool_count']} calls" + (f", {session['running']} running" if session["running"] else ""),
        f"duration {duration(session['duration_ms'])}",
    )
    return " · ".join(filter(None, words))


def _error(tool: ToolUse) -> str:
    words = (tool["error_category"] or "", (tool["error"] or "").strip())
    return ": ".join(filter(None, words))


def duration(milliseconds: float | None) -> str:
    """A duration in two units at most: 850 ms, 12.3 s, 4 min 10 s, 2 h 5 min."""
    if milliseconds is None:
        return "–"
    if round(milliseconds) < 1000:
        return f"{milliseconds:.0f} ms"
    if round(milliseconds / 1000, 1) < 60:
        return f"{milliseconds / 1000:.1f} s"
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _ago(moment: str, now: datetime) -> str:
    """How long ago, in one unit; a time in the future, from another clock, is now."""
    minutes = int((now - datetime.fromisoformat(moment)).total_seconds()) // 60
    if minutes < 1:
        return "now"
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"


def _local(moment: str | None) -> str:
    if moment is None:
        return "–"
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def plain(text: str) -> Text:
    """Text from a log, shown literally: without markup and control characters."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return Text(clean.encode("utf-8", "replace").decode())
