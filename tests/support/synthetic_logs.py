"""Synthetic hook logs for tests, written line by line."""

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
    """Append lines to a log, creating its directory if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as log:
        log.writelines((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    return path


def event(root: Path, session: str, name: str, at_us: int | None, directory: str | None = None, **fields: Any) -> None:
    """Log an event as the recorder does."""
    stamp = {} if at_us is None else {"logged_at": iso(at_us)}
    line = {**stamp, "session_id": session, "hook_event_name": name, **fields}
    append(root / (session if directory is None else directory) / FILES.get(name, "events.jsonl"), line)


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
    """Log a call and return its id; with `took_ms` None, it has not ended."""
    call_id = f"toolu_{os.urandom(8).hex()}"
    common = {"tool_name": tool, "tool_input": {"command": "make"}, "tool_use_id": call_id, **fields}
    event(root, session, "PreToolUse", at_us, **{name: common[name] for name in common if name != "tool_response"})
    if took_ms is not None:
        end = {"error": error} if error else {"tool_response": common.pop("tool_response", "ok")}
        name = "PostToolUseFailure" if error else "PostToolUse"
        event(root, session, name, at_us + took_ms * 1000, **common, **end, duration_ms=took_ms)
    return call_id


def background(root: Path, session: str, at_us: int) -> None:
    """Log a command that continues in the background, and a sub-agent that works; their calls have returned."""
    for tool, response in (
        ("Bash", {"backgroundTaskId": "b1"}),
        ("Agent", {"status": "async_launched", "agentId": "a1"}),
    ):
        common: dict[str, Any] = {"tool_name": tool, "tool_input": {}, "tool_use_id": f"toolu_{tool}"}
        event(root, session, "PreToolUse", at_us, **common)
        event(root, session, "PostToolUse", at_us + 20_000, **common, tool_response=response, duration_ms=20)
    event(root, session, "SubagentStart", at_us + 10_000, agent_id="a1", agent_type="Explore")
    event(root, session, "Stop", at_us + 30_000)
