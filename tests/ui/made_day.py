"""A day at work for a dashboard: sessions of several projects, with sub-agents, errors and what they cost."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tests.support.synthetic_logs import MINUTE_US, SECOND_US, call, event, iso, now_us
from tests.support.transcript_lines import assistant_line, usage, write

STARTED = "5c1a0f3e-7d1b-4a55-9d0e-6b1f1f0c0a01"
MAIN: dict[str, Any] = {}
EXPLORER, REVIEWER = {"agent_id": "a1", "agent_type": "Explore"}, {"agent_id": "b2", "agent_type": "reviewer"}
STEPS: tuple[tuple[int, str, int, str, dict[str, Any]], ...] = (
    # seconds from the start, tool, milliseconds, error, whose
    (2, "Read", 40, "", MAIN),
    (
        5,
        "Task",
        42_000,
        "",
        MAIN | {"tool_input": {"subagent_type": "Explore", "prompt": "Find where orders are summed"}},
    ),
    (7, "Grep", 300, "", EXPLORER),
    (9, "Read", 25, "", EXPLORER),
    (14, "Bash", 8_000, "Exit code 2\nrg: no such file", EXPLORER),
    (24, "Task", 19_000, "", EXPLORER | {"tool_input": {"subagent_type": "reviewer", "prompt": "Look at it"}}),
    (26, "Read", 90, "", REVIEWER),
    (30, "WebFetch", 5_200, "getaddrinfo ENOTFOUND example.invalid", REVIEWER),
    (50, "Edit", 210, "", MAIN),
    (53, "Bash", 24_000, "", MAIN | {"tool_input": {"command": "make test", "password": "hunter2"}}),
    (1500, "Edit", 180, "<tool_use_error>String to replace not found in file.</tool_use_error>", MAIN),
    (1506, "Write", 95, "", MAIN),
    (1512, "Bash", 31_000, "", MAIN),
)


def make_session(logs: Path, transcripts: Path, at_us: int) -> None:
    """One session whose timeline is known, with a transcript that says what it cost."""
    event(logs, STARTED, "SessionStart", at_us, project_dir="/home/you/web-shop", source="startup")
    lines = []
    for number, (second, tool, took_ms, error, whose) in enumerate(STEPS):
        began_us = at_us + second * SECOND_US
        call(logs, STARTED, began_us, tool=tool, took_ms=took_ms, error=error, **whose)
        agent = (
            {"isSidechain": True, "agentId": whose["agent_id"], "attributionAgent": whose["agent_type"]}
            if "agent_id" in whose
            else {}
        )
        lines.append(line(STARTED, number, began_us - SECOND_US // 2, "claude-opus-4-6", "/home/you/web-shop", **agent))
    lines.append(line(STARTED, 99, at_us + 1546 * SECOND_US, "claude-opus-4-6", "/home/you/web-shop"))
    asked_us = at_us + 1544 * SECOND_US
    asked: dict[str, Any] = {"tool_name": "Bash", "tool_input": {"command": "git push"}}
    event(logs, STARTED, "PreToolUse", asked_us, tool_use_id="toolu_denied", **asked)
    event(logs, STARTED, "PermissionDenied", asked_us + 1000, tool_use_id="toolu_denied", reason="not now", **asked)
    write(transcripts / "-home-you-web-shop" / f"{STARTED}.jsonl", *lines)


def make_days(logs: Path, transcripts: Path, sessions: int = 60, seed: int = 7) -> None:
    """Sessions of a day, the newest of which still go on."""
    dice = random.Random(seed)
    tools = (("Bash", 9, 4000), ("Read", 8, 30), ("Edit", 6, 200), ("Grep", 4, 120), ("mcp__tracker__search", 1, 1200))
    errors = (
        "Exit code 1\nmake: *** [test] Error 1",
        "File does not exist.",
        "ripgrep timed out",
        "connection refused",
    )
    for number in range(sessions):
        name, project = (
            f"{dice.getrandbits(128):032x}",
            dice.choice(("web-shop", "billing-api", "data-pipeline", "docs")),
        )
        session = f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}"
        at_us = now_us() - round(dice.triangular(3, 1400, 200) * MINUTE_US) if number > 2 else now_us() - 3 * MINUTE_US
        event(logs, session, "SessionStart", at_us, project_dir=f"/home/you/{project}", source="startup")
        lines, model = [], dice.choice(("claude-opus-4-6", "claude-sonnet-4-5", "claude-haiku-4-5"))
        for step in range(dice.randrange(4, 30)):
            tool, _, usual = dice.choices(tools, weights=[weight for _, weight, _ in tools])[0]
            took_ms = round(usual * dice.lognormvariate(0, 0.7))
            is_last = number <= 2 and at_us + took_ms * 1000 > now_us() - 40 * SECOND_US
            call(
                logs, session, at_us, tool=tool, took_ms=None if is_last else took_ms,
                error=dice.choice(errors) if dice.random() < 0.06 and not is_last else "",
            )  # fmt: skip
            lines.append(line(session, step, at_us, model, f"/home/you/{project}"))
            if is_last:
                break
            at_us += took_ms * 1000 + round(dice.expovariate(1 / 7) * SECOND_US)
        write(transcripts / f"-home-you-{project}" / f"{session}.jsonl", *lines)
        if number > 2:
            event(logs, session, "SessionEnd", min(at_us, now_us()), reason="other")


def line(session: str, number: int, at_us: int, model: str, folder: str, **more: Any) -> str:
    """What a transcript says of one request."""
    used = usage(12, 300 + 13 * number, read=14_000 + 900 * number, five=1100)
    told = json.loads(
        assistant_line(number, used, model=model, sessionId=session, cwd=folder, timestamp=iso(at_us), **more)
    )
    told["message"]["id"], told["requestId"] = f"msg_{session}_{number}", f"req_{session}_{number}"
    return json.dumps(told, separators=(",", ":")) + "\n"
