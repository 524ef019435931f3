"""A made sample for newcomers: a day of sessions as the recorder would have written them, and one that goes on."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.sources.timestamps import from_us

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
SESSIONS = 40
PROJECTS = ("web-shop", "billing-api", "data-pipeline", "docs")
AGENTS = (("", "", 8), ("a1", "Explore", 2), ("b2", "general-purpose", 1))
# tool, how often, seconds that it usually takes, share of errors, an error
TOOLS = (
    ("Bash", 30, 4.0, 0.08, "Exit code 1\nmake: *** [test] Error 1"),
    ("Read", 25, 0.03, 0.03, "File does not exist."),
    ("Edit", 22, 0.2, 0.04, "<tool_use_error>String to replace not found in file.</tool_use_error>"),
    ("Grep", 12, 0.1, 0.01, "ripgrep timed out"),
    ("Write", 5, 0.1, 0.01, "EACCES: permission denied"),
    ("WebFetch", 3, 2.5, 0.15, "getaddrinfo ENOTFOUND example.invalid"),
    ("mcp__tracker__search", 3, 1.2, 0.05, "connection refused"),
)


@dataclass(slots=True)
class MadeSession:
    """Writes one session, call by call, as if it happened at the times that it is given."""

    folder: Path
    project: str
    dice: random.Random
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def start(self, at_us: int) -> None:
        """Begin the session with a first prompt."""
        self._event("SessionStart", at_us, source="startup")
        self.prompt(at_us + SECOND_US)

    def prompt(self, at_us: int) -> None:
        """Say something to the agent."""
        self._event("UserPromptSubmit", at_us, prompt="Make the tests pass")

    def end(self, at_us: int) -> None:
        """End the turn and the session."""
        self._event("Stop", at_us)
        self._event("SessionEnd", at_us + SECOND_US, reason="other")

    def call(self, at_us: int) -> int:
        """Make one tool call; returns when it ended."""
        tool, _, usual, errors, error = self.dice.choices(TOOLS, weights=[entry[1] for entry in TOOLS])[0]
        agent_id, agent, _ = self.dice.choices(AGENTS, weights=[entry[2] for entry in AGENTS])[0]
        call: dict[str, object] = {
            "tool_name": tool,
            "tool_input": {"sample": True},
            "tool_use_id": f"toolu_{self.dice.getrandbits(128):032x}",
        }
        if agent_id:
            call |= {"agent_id": agent_id, "agent_type": agent}
        milliseconds = round(1000 * usual * self.dice.lognormvariate(0, 0.8))
        ended_us = at_us + 1000 * milliseconds
        self._write("pre_tool_use.jsonl", "PreToolUse", at_us, call)
        if self.dice.random() < 0.01:
            self._event("PermissionRequest", at_us + 1000, tool_name=tool, tool_input=call["tool_input"])
        elif self.dice.random() < errors:
            failure = {"error": error, "is_interrupt": False, "duration_ms": milliseconds}
            self._write("post_tool_use.jsonl", "PostToolUseFailure", ended_us, call | failure)
        else:
            success = {"tool_response": "ok", "duration_ms": milliseconds}
            self._write("post_tool_use.jsonl", "PostToolUse", ended_us, call | success)
        return ended_us

    def _event(self, event: str, at_us: int, **fields: object) -> None:
        self._write("events.jsonl", event, at_us, fields)

    def _write(self, name: str, event: str, at_us: int, fields: Mapping[str, object]) -> None:
        line = {
            "logged_at": from_us(at_us).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "project_dir": f"/home/you/{self.project}",
            "session_id": self.session_id,
            "hook_event_name": event,
            **fields,
        }
        folder = self.folder / self.session_id
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("a") as log:
            log.write(json.dumps(line) + "\n")


def make_history(sessions_dir: Path, now_us: int, seed: int = 1) -> None:
    """Write a day of finished sessions, up to a few minutes ago."""
    dice = random.Random(seed)  # noqa: S311 - a sample, not a secret
    for start_us in _starts(dice, now_us):
        session = MadeSession(sessions_dir, dice.choice(PROJECTS), dice)
        session.start(start_us)
        at_us = start_us + 2 * SECOND_US
        for _ in range(dice.randrange(5, 80)):
            at_us = session.call(at_us) + round(dice.expovariate(1 / 6) * SECOND_US)
            if at_us > now_us - 120 * SECOND_US:
                break
        session.end(min(at_us, now_us - 60 * SECOND_US))


def go_on(sessions_dir: Path, stopping: threading.Event) -> None:
    """Write one session live, a call every other second, until told to stop."""
    session = MadeSession(sessions_dir, PROJECTS[0], random.Random())  # noqa: S311 - a sample, not a secret
    session.start(_now_us())
    while not stopping.wait(2.0):
        session.call(_now_us() - 5 * SECOND_US)


def _starts(dice: random.Random, now_us: int) -> Iterator[int]:
    for _ in range(SESSIONS):
        yield now_us - round(dice.uniform(0.1, 22) * HOUR_US)


def _now_us() -> int:
    return time.time_ns() // 1000
