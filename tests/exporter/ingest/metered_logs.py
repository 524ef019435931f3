"""Lines of hook logs, and what a ledger has counted of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exporter.counting.catalog import (
    LINES,
    TOOL_CALLS,
)
from exporter.ledger.store import Ledger
from exporter.sources.timestamps import to_us

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        moment = to_us(self.now.isoformat())
        assert moment is not None
        return moment


def line(number: int, *, second: float = 0, event: str = "PreToolUse", **fields: object) -> str:
    stamp = (NOON + timedelta(seconds=second)).isoformat()
    record = {"logged_at": stamp, "session_id": SESSION, "hook_event_name": event, "cwd": "/home/dev/shop"}
    if "Tool" in event:
        record |= {"tool_name": "Bash", "tool_use_id": f"toolu_{number}"}
    return json.dumps(record | fields) + "\n"


def start(number: int, **fields: object) -> str:
    return line(number, **fields)  # type: ignore[arg-type] # a test's keyword arguments, passed on


def end(number: int, **fields: object) -> str:
    return line(number, second=1, event="PostToolUse", duration_ms=250, **fields)


def append(path: Path, *lines: str) -> None:
    with path.open("a") as log:
        log.writelines(lines)


def calls(ledger: Ledger, outcome: str = "success", tool: str = "Bash") -> int:
    return ledger.state.totals.counters.get((TOOL_CALLS.name, (tool, "main", outcome)), 0)


def lines(ledger: Ledger, source: str, result: str) -> int:
    return ledger.state.totals.counters.get((LINES.name, (source, result)), 0)
