"""Logs made for a test, line by line, beside what is known to be in them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
FILES = {
    "PreToolUse": "pre_tool_use.jsonl",
    "PostToolUse": "post_tool_use.jsonl",
    "PostToolUseFailure": "post_tool_use.jsonl",
}


def now_us() -> int:
    return time.time_ns() // 1000


def iso(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / 1e6, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append(path: Path, *lines: Mapping[str, Any] | str) -> Path:
    """Add lines to a log, and the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as log:
        log.writelines((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    return path


def event(root: Path, session: str, name: str, at_us: int | None, folder: str | None = None, **fields: Any) -> None:
    """Write one event as the recorder does."""
    stamp = {} if at_us is None else {"logged_at": iso(at_us)}
    line = {**stamp, "session_id": session, "hook_event_name": name, **fields}
    append(root / (session if folder is None else folder) / FILES.get(name, "events.jsonl"), line)


def call(
    root: Path,
    session: str,
    at_us: int,
    *,
    tool: str = "Bash",
    took_ms: int | None = 100,
    error: str = "",
    **fields: Any,
) -> str:
    """Write a call; one that took None has not ended. Gives its id."""
    call_id = f"toolu_{os.urandom(8).hex()}"
    said = {"tool_name": tool, "tool_input": {"command": "make"}, "tool_use_id": call_id, **fields}
    event(root, session, "PreToolUse", at_us, **said)
    if took_ms is not None:
        end = {"error": error} if error else {"tool_response": "ok"}
        name = "PostToolUseFailure" if error else "PostToolUse"
        event(root, session, name, at_us + took_ms * 1000, **said, **end, duration_ms=took_ms)
    return call_id
