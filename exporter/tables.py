"""What the commands print for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.doctor import Check
from exporter.hooks_reader import SessionDetails, SessionSummary

STATUS_STYLES = {"active": "green", "idle": "yellow", "completed": "dim"}
OUTCOME_STYLES = {"success": "green", "error": "red", "denied": "yellow", "interrupted": "yellow", "running": "cyan"}
LONGEST_ERROR = 200


def console() -> Console:
    """Where tables go: standard output, as wide as it is; a pipe gets lines that are not cut."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)


def session_list(sessions: Iterable[SessionSummary]) -> Table:
    """A line a session."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("session", "project", "status", "last activity"):
        table.add_column(name, overflow="fold")
    table.add_column("calls", justify="right")
    table.add_column("running", justify="right")
    table.add_column("lasted", justify="right")
    for session in sessions:
        table.add_row(
            _plain(session["session_uuid"]),
            _plain(session["project"] or "–"),
            Text(session["status"], STATUS_STYLES[session["status"]]),
            _local(session["last_activity_at"]),
            str(session["tool_count"]),
            str(session["running"] or "–"),
            duration(session["duration_ms"]),
        )
    return table


def session_calls(details: SessionDetails) -> Table:
    """A line a tool call, in the order in which they started."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("started", "tool", "agent", "outcome"):
        table.add_column(name, overflow="fold")
    table.add_column("took", justify="right")
    table.add_column("error", overflow="fold")
    for tool in details["tools"]:
        error = tool["error"] or ""
        table.add_row(
            _local(tool["timestamp"]),
            _plain(tool["tool_name"]),
            _plain(tool["agent"]),
            Text(tool["outcome"], OUTCOME_STYLES.get(tool["outcome"], "dim")),
            duration(tool["duration_ms"]),
            _plain(f"{tool['error_category']}: {error[:LONGEST_ERROR]}" if tool["error_category"] else ""),
        )
    return table


def checks(found: Iterable[Check]) -> Table:
    """A line a check, and under it how to mend what is wrong."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in found:
        mark = Text("ok", "green") if check.is_well else Text("!!", "bold red")
        table.add_row(mark, Text(check.subject, "bold"), _plain(check.found))
        if check.remedy:
            table.add_row("", "", _plain(check.remedy))
    return table


def duration(milliseconds: float | None) -> str:
    """A length of time as people say it: 850 ms, 12.3 s, 4 min 10 s, 2 h 5 min."""
    if milliseconds is None:
        return "–"
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{milliseconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _local(moment: str | None) -> str:
    if moment is None:
        return "–"
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _plain(text: str) -> Text:
    """Text from a log: shown as it is, never read as markup or as codes for the terminal."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return Text(clean.encode("utf-8", "replace").decode())
