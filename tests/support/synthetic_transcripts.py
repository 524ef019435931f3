"""Synthetic transcripts for tests, written line by line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.synthetic_logs import append, iso
from tests.support.transcript_lines import SLUG, usage

CWD = "/home/dev/shop"


def transcript(projects: Path, session: str, agent_id: str = "") -> Path:
    """The path of the transcript of a session or of one of its sub-agents."""
    path = projects / SLUG / session
    return path / "subagents" / f"agent-{agent_id}.jsonl" if agent_id else path.with_name(f"{session}.jsonl")


def transcript_call(
    projects: Path,
    session: str,
    at_us: int,
    *,
    tool: str = "Bash",
    took_ms: int | None = 100,
    error: str = "",
    call_id: str = "",
    agent_id: str = "",
    tool_input: object = None,
    **fields: Any,
) -> str:
    """Write the message with a call, and its result, and return the id of the call; `fields` are of the result."""
    call_id = call_id or f"toolu_{os.urandom(8).hex()}"
    use = {"type": "tool_use", "id": call_id, "name": tool, "input": tool_input or {"command": "make"}}
    message = {"id": f"msg_{call_id}", "model": "claude-opus-4-6", "content": [use], "usage": usage()}
    ids = {"requestId": f"req_{call_id}", "requestSessionId": session}
    line(projects, session, at_us, "assistant", message, agent_id, **ids)
    if took_ms is not None:
        result = {"type": "tool_result", "tool_use_id": call_id, "content": error or "ok", "is_error": bool(error)}
        line(projects, session, at_us + took_ms * 1000, "user", {"content": [result]}, agent_id, **fields)
    return call_id


def transcript_prompt(
    projects: Path, session: str, at_us: int, text: str = "Make the tests pass", agent_id: str = ""
) -> None:
    """Write a prompt, or a message to a sub-agent."""
    line(projects, session, at_us, "user", {"role": "user", "content": text}, agent_id)


def transcript_answer(projects: Path, session: str, at_us: int, agent_id: str = "", **fields: Any) -> None:
    """Write the last answer of an agent."""
    content = [{"type": "text", "text": "Done."}]
    message = {"id": f"msg_{at_us}", "model": "claude-opus-4-6", "content": content, "usage": usage()}
    line(projects, session, at_us, "assistant", {**message, "stop_reason": "end_turn"}, agent_id, **fields)


def transcript_end(projects: Path, session: str) -> None:
    """Write the last line of a process."""
    append(transcript(projects, session), f'{{"type":"cost-state","totalCostUSD":1.5,"sessionId":"{session}"}}')


def line(
    projects: Path,
    session: str,
    at_us: int,
    kind: str,
    message: Mapping[str, object],
    agent_id: str = "",
    **fields: Any,
) -> None:
    """Write a line with a message."""
    side = {"isSidechain": True, "agentId": agent_id, "attributionAgent": "Explore"} if agent_id else {}
    text = {"type": kind, "timestamp": iso(at_us), "sessionId": session, "cwd": CWD, "message": message}
    append(transcript(projects, session, agent_id), json.dumps(text | side | fields, separators=(",", ":")))
