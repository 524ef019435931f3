"""Synthetic logs and transcripts of a day: sessions of several projects, with sub-agents, errors and costs."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.synthetic_logs import MINUTE_US, SECOND_US, call, event, iso, now_us
from tests.support.transcript_lines import assistant_line, usage, write

KNOWN_SESSION = "5c1a0f3e-7d1b-4a55-9d0e-6b1f1f0c0a01"
SHOP = "/home/you/web-shop"


class Agent(NamedTuple):
    id: str
    type: str


class Step(NamedTuple):
    """A call of the known session, by the seconds since its start."""

    second: int
    tool: str
    took_ms: int
    error: str = ""
    agent: Agent | None = None
    tool_input: dict[str, str] | None = None


EXPLORER, REVIEWER = Agent("a1", "Explore"), Agent("b2", "reviewer")
EXPLORE = {"subagent_type": "Explore", "prompt": "Find where orders are summed"}
REVIEW = {"subagent_type": "reviewer", "prompt": "Review it"}
STEPS = (
    Step(2, "Read", 40),
    Step(5, "Task", 42_000, tool_input=EXPLORE),
    Step(7, "Grep", 300, agent=EXPLORER),
    Step(9, "Read", 25, agent=EXPLORER),
    Step(14, "Bash", 8_000, "Exit code 2\nrg: no such file", agent=EXPLORER),
    Step(24, "Task", 19_000, tool_input=REVIEW, agent=EXPLORER),
    Step(26, "Read", 90, agent=REVIEWER),
    Step(30, "WebFetch", 5_200, "getaddrinfo ENOTFOUND example.invalid", agent=REVIEWER),
    Step(50, "Edit", 210),
    Step(53, "Bash", 24_000, tool_input={"command": "make test", "password": "hunter2"}),
    Step(1500, "Edit", 180, "<tool_use_error>String to replace not found in file.</tool_use_error>"),
    Step(1506, "Write", 95),
    Step(1512, "Bash", 31_000),
)
TOOLS = (("Bash", 9, 4000), ("Read", 8, 30), ("Edit", 6, 200), ("Grep", 4, 120), ("mcp__tracker__search", 1, 1200))
ERRORS = (
    "Exit code 1\nmake: *** [test] Error 1",
    "File does not exist.",
    "ripgrep timed out",
    "connection refused",
)
PROJECTS = ("web-shop", "billing-api", "data-pipeline", "docs")
MODELS = ("claude-opus-5-5", "claude-sonnet-5", "claude-haiku-4-5")
RUNNING_SESSIONS = 3


def write_known_session(logs: Path, transcripts: Path, at_us: int) -> None:
    """Write the hook logs of STEPS and of a denied call, and a transcript with their costs."""
    event(logs, KNOWN_SESSION, "SessionStart", at_us, project_dir=SHOP, source="startup")
    lines = []
    for number, step in enumerate(STEPS):
        started_us = at_us + step.second * SECOND_US
        fields = _hook_fields(step)
        call(logs, KNOWN_SESSION, started_us, tool=step.tool, took_ms=step.took_ms, error=step.error, **fields)
        lines.append(_request(KNOWN_SESSION, number, started_us - SECOND_US // 2, SHOP, **_transcript_fields(step)))
    denied_us = at_us + 1544 * SECOND_US
    denied: dict[str, Any] = {
        "tool_name": "Bash", "tool_input": {"command": "git push"}, "tool_use_id": "toolu_denied",
    }  # fmt: skip
    event(logs, KNOWN_SESSION, "PreToolUse", denied_us, **denied)
    event(logs, KNOWN_SESSION, "PermissionDenied", denied_us + 1000, reason="not now", **denied)
    lines.append(_request(KNOWN_SESSION, 99, at_us + 1546 * SECOND_US, SHOP))
    write(transcripts / "-home-you-web-shop" / f"{KNOWN_SESSION}.jsonl", *lines)


def _hook_fields(step: Step) -> dict[str, Any]:
    agent = {"agent_id": step.agent.id, "agent_type": step.agent.type} if step.agent else {}
    return agent | ({"tool_input": step.tool_input} if step.tool_input else {})


def _transcript_fields(step: Step) -> dict[str, Any]:
    if not step.agent:
        return {}
    return {"isSidechain": True, "agentId": step.agent.id, "attributionAgent": step.agent.type}


def write_random_sessions(logs: Path, transcripts: Path, count: int = 60, seed: int = 7) -> None:
    """Write sessions of the last day; the first three are still running."""
    rng = random.Random(seed)
    for number in range(count):
        _write_random_session(logs, transcripts, rng, is_running=number < RUNNING_SESSIONS)


def _write_random_session(logs: Path, transcripts: Path, rng: random.Random, *, is_running: bool) -> None:
    session, project, model = _session_id(rng), rng.choice(PROJECTS), rng.choice(MODELS)
    at_us = now_us() - (3 if is_running else round(rng.triangular(3, 1400, 200))) * MINUTE_US
    event(logs, session, "SessionStart", at_us, project_dir=f"/home/you/{project}", source="startup")
    lines = []
    for number in range(rng.randrange(4, 30)):
        tool, _, median_ms = rng.choices(TOOLS, weights=[weight for _, weight, _ in TOOLS])[0]
        took_ms = round(median_ms * rng.lognormvariate(0, 0.7))
        is_open = is_running and at_us + took_ms * 1000 > now_us() - 40 * SECOND_US
        error = rng.choice(ERRORS) if rng.random() < 0.06 and not is_open else ""
        call(logs, session, at_us, tool=tool, took_ms=None if is_open else took_ms, error=error)
        lines.append(_request(session, number, at_us, f"/home/you/{project}", model))
        if is_open:
            break
        at_us += took_ms * 1000 + round(rng.expovariate(1 / 7) * SECOND_US)
    write(transcripts / f"-home-you-{project}" / f"{session}.jsonl", *lines)
    if not is_running:
        event(logs, session, "SessionEnd", min(at_us, now_us()), reason="other")


def _session_id(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _request(session: str, number: int, at_us: int, directory: str, model: str = MODELS[0], **fields: Any) -> str:
    """The transcript line of one API request."""
    tokens = usage(12, 300 + 13 * number, read=14_000 + 900 * number, five=1100)
    record = json.loads(
        assistant_line(number, tokens, model=model, sessionId=session, cwd=directory, timestamp=iso(at_us), **fields)
    )
    record["message"]["id"], record["requestId"] = f"msg_{session}_{number}", f"req_{session}_{number}"
    return json.dumps(record, separators=(",", ":")) + "\n"
