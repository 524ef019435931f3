"""What `hookmeter sessions` prints of one session: its tool calls, and what else is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from exporter.model.text import printable, shortened
from exporter.terminal.alignment import COLUMN_GAP
from exporter.terminal.amounts import dollars, duration, numbered
from exporter.terminal.code_changes import code_changes
from exporter.terminal.descriptions import Cell, Column, PlainTable, Styled
from exporter.views.session_records import CallNumber, SessionRecord
from exporter.views.sessions import PricedSession, ToolUse

OUTCOME_STYLES = {"success": "green", "error": "red", "denied": "yellow", "interrupted": "yellow", "running": "cyan"}
DELETED = "Its logs and transcripts are deleted: the ledger has its totals, but not each of its calls."
SUBJECT = Column("subject", no_wrap=True, rank=5)
CALL_COLUMNS = (
    Column("started", no_wrap=True, rank=1),
    Column("tool", min_width=8),
    Column("agent", min_width=8, rank=4),
    Column("outcome", no_wrap=True),
    Column("duration", is_number=True, no_wrap=True, rank=3),
    SUBJECT,
    Column("error", no_wrap=True, rank=2),
)
MIN_ERROR_WIDTH = 24
DATE = slice(0, 10)
TIME = slice(11, None)


class CallRow(NamedTuple):
    """The cells of a tool call, except its error."""

    started: str
    tool: str
    agent: str
    outcome: str
    duration: str


def call_numbers(calls: Iterable[CallNumber]) -> PlainTable:
    """A row per tool, agent and outcome, with the number of calls."""
    columns = Column("tool"), Column("agent"), Column("outcome"), Column("calls", is_number=True, no_wrap=True)
    rows = [(row["tool"], row["agent"], _outcome(row["outcome"]), f"{row['calls']:,}") for row in calls]
    return PlainTable(columns, rows)


def session_calls(tools: list[ToolUse], max_width: int) -> PlainTable:
    """A row per tool call, in the order in which they started.

    Subjects and errors are shortened to the width; a narrow terminal shows no subjects.
    """
    rows = _call_rows(tools)
    left = max_width - sum(COLUMN_GAP + max(map(len, column)) for column in zip(*rows, strict=True))
    subject_width = _subject_width(tools, left)
    error_width = max(left - (subject_width + COLUMN_GAP if subject_width else 0), MIN_ERROR_WIDTH)
    columns = CALL_COLUMNS if subject_width else [column for column in CALL_COLUMNS if column is not SUBJECT]
    cells: list[tuple[Cell, ...]] = []
    for tool, row in zip(tools, rows, strict=True):
        subject = [shortened(tool["subject"], subject_width)] if subject_width else []
        error = shortened(printable(_error(tool)), error_width)
        cells.append((row.started, row.tool, row.agent, _outcome(row.outcome), row.duration, *subject, error))
    return PlainTable(columns, cells)


def _outcome(outcome: str) -> Styled:
    return Styled(outcome, OUTCOME_STYLES.get(outcome, "dim"))


def _subject_width(tools: list[ToolUse], left: int) -> int:
    """The width of the subjects: half of what is left for them and the errors at most; 0 if that is too little."""
    longest = max((len(tool["subject"]) for tool in tools), default=0)
    half = (left - COLUMN_GAP) // 2
    return min(longest, half) if half >= MIN_ERROR_WIDTH else 0


def _call_rows(tools: list[ToolUse]) -> list[CallRow]:
    """The rows of calls; if all of them started on the same day, without the date."""
    times = [_local(tool["timestamp"]) for tool in tools]
    is_one_day = len({time[DATE] for time in times}) == 1
    return [
        CallRow(
            time[TIME] if is_one_day and time[TIME] else time,
            printable(tool["tool_name"]),
            printable(tool["agent"]),
            tool["outcome"],
            duration(tool["duration_ms"]),
        )
        for tool, time in zip(tools, times, strict=True)
    ]


def summary(session: PricedSession) -> str:
    """A session in one line, as the heading of its calls."""
    words = (
        session["session_uuid"],
        session["project"],
        session["status"],
        f"started {_local(session['started_at'])}",
        f"{numbered(session['tool_count'], 'call')}{_running(session)}",
        f"duration {duration(session['duration_ms'])}",
        f"cost {dollars(session['cost_usd'], session['unpriced_tokens'])}",
    )
    return " · ".join(filter(None, words))


def _running(session: PricedSession) -> str:
    numbers = (
        (session["running"], f"{session['running']:,} running"),
        (session["background_commands"], f"{session['background_commands']:,} in the background"),
        (session["running_agents"], f"{numbered(session['running_agents'], 'sub-agent')} running"),
    )
    return "".join(f", {words}" for number, words in numbers if number)


def particulars(record: SessionRecord) -> list[str]:
    """What else is known of a session, a line each."""
    prompts = record["prompts"]
    found = {
        "title": record["title"],
        "prompts": f"{len(prompts)}, the last one {_local(prompts[-1])}" if prompts else "",
        "branches": ", ".join(record["branches"]),
        "Claude Code": ", ".join(record["versions"]),
        "configuration": ", ".join(record["config_dirs"]),
        "without a price": f"{record['unpriced_tokens']:,} tokens, which the cost does not include"
        if record["unpriced_tokens"]
        else "",
        "code": code_changes(record["code"]) if record["code"] and any(record["code"].values()) else "",
    }
    lines = [f"{name}: {text}" for name, text in found.items() if text]
    return lines if record["files"] else [*lines, DELETED]


def _error(tool: ToolUse) -> str:
    words = (tool["error_category"] or "", (tool["error"] or "").strip())
    return ": ".join(filter(None, words))


def _local(moment: str | None) -> str:
    if moment is None:
        return "–"
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
