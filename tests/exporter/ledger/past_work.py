"""A month of work with and without hooks, of which no byte ever changes, and the ledger of an older version on it.

The older version is the last one that read transcripts for their costs alone. `version_4/` has its ledger, as SQL with
ROOT in place of the directory, its metrics page, and the script that writes them.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "version_4"
LEDGER = "ledger.sqlite3"
ROOT = "{ROOT}"
SLUG, CWD = "-home-dev-shop", "/home/dev/shop"
FIRST_DAY = datetime(2026, 9, 1, 9, tzinfo=UTC)
DAYS = range(0, 30, 3)  # each has a session with hooks, and one without
CALLS, FAILED, API_ERRORS = 8, 6, 4  # of each session; only in those without hooks, calls and requests fail
TODAY = 30  # on which the older version is stopped, while both sessions of the day are running
OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5"


class Session:
    """Writes the lines of one session, each some seconds after the one before."""

    def __init__(self, root: Path, day: int, *, hooked: bool) -> None:
        self.name = f"{'hooked' if hooked else 'unhooked'}-{day:02}"
        self.now = FIRST_DAY + timedelta(days=day, hours=0 if hooked and day < TODAY else 4)
        self._logs = root / "sessions" / self.name
        self._transcript = root / "projects" / SLUG / f"{self.name}.jsonl"
        self._started = self.now
        self._hooked = hooked
        self._number = 0

    def submit_prompt(self) -> None:
        """Begin a turn."""
        turn = f"{self.name}-turn-{self._next()}"
        self._hook("UserPromptSubmit", prompt="Make the tests pass", prompt_id=turn)
        self._line("user", {"message": {"role": "user", "content": "Make the tests pass"}, "promptId": turn})

    def start_call(self, agent: str = "") -> str:
        """Start a call of the main agent or a sub-agent; its id."""
        call_id = f"toolu_{self.name}_{self._next()}"
        self._answer({"type": "tool_use", "id": call_id, "name": "Bash", "input": {"command": "make"}}, agent)
        self._hook("PreToolUse", **_call(call_id, agent))
        return call_id

    def end_call(self, call_id: str, agent: str = "", error: str = "") -> None:
        """End a call."""
        result = {"type": "tool_result", "tool_use_id": call_id, "content": error or "ok", "is_error": bool(error)}
        self._hook("PostToolUse", **_call(call_id, agent), tool_response="ok", duration_ms=1500)
        self._line("user", {"message": {"role": "user", "content": [result]}}, agent)

    def call(self, agent: str = "", error: str = "") -> None:
        """Make a call."""
        self.end_call(self.start_call(agent), agent, error)

    def start_agent(self) -> str:
        """Start a sub-agent; its id."""
        agent = f"a{self._next():016x}"
        self._hook("SubagentStart", **_agent(agent))
        self._line("user", {"message": {"role": "user", "content": "Look around"}}, agent)
        return agent

    def end_agent(self, agent: str) -> None:
        """End a sub-agent."""
        self._answer({"type": "text", "text": "done"}, agent, stop="end_turn")
        self._hook("SubagentStop", **_agent(agent))

    def compact(self) -> None:
        """Compact the conversation by hand."""
        self._hook("PreCompact", trigger="manual")
        self._line("system", {"subtype": "compact_boundary", "compactMetadata": {"trigger": "manual"}})

    def retry_request(self) -> None:
        """Have a failed request."""
        error = {"status": 529, "requestId": f"req_{self.name}_{self._next()}"}
        self._line("system", {"subtype": "api_error", "error": error, "retryInMs": 600})

    def end(self) -> None:
        """End the process, which reports more than the messages have."""
        self._answer({"type": "text", "text": "done"}, stop="end_turn")
        self._hook("Stop")
        self._hook("SessionEnd", reason="other")
        milliseconds = round((self.now - self._started).total_seconds() * 1000)
        used = {
            "inputTokens": 1000, "outputTokens": 5000, "cacheReadInputTokens": 0, "cacheCreationInputTokens": 0,
            "webSearchRequests": 0, "costUSD": 0.026,
        }  # fmt: skip
        state = {
            "type": "cost-state", "sessionId": self.name, "totalCostUSD": 1.5, "totalDuration": milliseconds,
            "startTime": round(self._started.timestamp() * 1000), "modelUsage": {HAIKU: used},
        }  # fmt: skip
        self._append(self._transcript, state)

    def _answer(self, block: dict[str, Any], agent: str = "", stop: str = "tool_use") -> None:
        number = self._next()
        usage = {"input_tokens": 10, "output_tokens": 500, "cache_read_input_tokens": 90_000}
        message = {"id": f"msg_{self.name}_{number}", "role": "assistant", "model": OPUS, "content": [block]}
        whole = {**message, "stop_reason": stop, "usage": usage}
        self._line("assistant", {"message": whole, "requestId": f"req_{self.name}_{number}"}, agent)

    def _hook(self, event: str, **fields: Any) -> None:
        if self._hooked:
            name = {"PreToolUse": "pre_tool_use", "PostToolUse": "post_tool_use"}.get(event, "events")
            line = {"logged_at": self._tick(), "session_id": self.name, "hook_event_name": event, "project_dir": CWD}
            self._append(self._logs / f"{name}.jsonl", line | fields)

    def _line(self, kind: str, fields: dict[str, Any], agent: str = "") -> None:
        path, side = self._transcript, dict[str, Any](isSidechain=False)
        if agent:
            path = path.with_suffix("") / "subagents" / f"agent-{agent}.jsonl"
            side = {"isSidechain": True, "agentId": agent, "attributionAgent": "Explore"}
        line = {"type": kind, "timestamp": self._tick(), "sessionId": self.name, "cwd": CWD, "version": "2.1.332"}
        self._append(path, line | side | {"uuid": f"{self.name}-{self._next()}"} | fields)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _tick(self) -> str:
        self.now += timedelta(seconds=5)
        return self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _append(self, path: Path, line: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
        os.utime(path, (self.now.timestamp(),) * 2)


class Running:
    """The rest of a session that is running with a call and a sub-agent."""

    def __init__(self, session: Session) -> None:
        self.session = session
        session.submit_prompt()
        session.call()
        self._agent = session.start_agent()
        session.call(self._agent)
        self._call = session.start_call()

    def finish(self) -> datetime:
        """Finish the work, with another prompt and more calls, and end the session; the time of its end."""
        self.session.end_call(self._call, error="Exit code 1")
        self.session.call(self._agent)
        self.session.end_agent(self._agent)
        self.session.submit_prompt()
        self.session.call()
        self.session.compact()
        self.session.end()
        return self.session.now


def write_past(root: Path) -> tuple[Running, Running]:
    """Write the hook logs and transcripts below a directory; the sessions with and without hooks that are running."""
    for day in DAYS:
        _write_hooked(Session(root, day, hooked=True))
        _write_unhooked(Session(root, day, hooked=False))
    return Running(Session(root, TODAY, hooked=True)), Running(Session(root, TODAY, hooked=False))


def restore_ledger(root: Path) -> None:
    """Write the ledger of the older version on the work below a directory, as it was when that version stopped."""
    (root / "data").mkdir(mode=0o700)
    with closing(sqlite3.connect(root / "data" / LEDGER)) as connection:
        connection.executescript((KEPT / "ledger.sql").read_text().replace(ROOT, str(root)))


def old_page() -> str:
    """The metrics page of the older version."""
    return (KEPT / "metrics.txt").read_text()


def _write_hooked(session: Session) -> None:
    session.submit_prompt()
    for _ in range(CALLS - 2):
        session.call()
    agent = session.start_agent()
    session.call(agent)
    session.call(agent)
    session.end_agent(agent)
    session.compact()
    session.submit_prompt()
    session.end()


def _write_unhooked(session: Session) -> None:
    """Write a session whose process is killed during its last call."""
    session.submit_prompt()
    for number in range(CALLS - 1):
        session.call(error="Exit code 1" if number < FAILED else "")
    for _ in range(API_ERRORS):
        session.retry_request()
    session.submit_prompt()
    session.start_call()


def _call(call_id: str, agent: str) -> dict[str, Any]:
    call = {"tool_name": "Bash", "tool_use_id": call_id, "tool_input": {"command": "make"}}
    return call | (_agent(agent) if agent else {})


def _agent(agent: str) -> dict[str, Any]:
    return {"agent_id": agent, "agent_type": "Explore"}
