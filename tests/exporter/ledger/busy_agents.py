"""Agents at work, for tests: they write logs as the recorder does, and know what a true meter must say of them."""

from __future__ import annotations

import json
import os
import random
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.page import Samples, sample

TOOLS = ("Bash", "Read", "Edit", "mcp__tracker__find")
AGENTS = (("", "main"), ("a1", "Explore"))
BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800)
ERRORS = (("Exit code 1\nboom", "command_failed"), ("File does not exist.", "file_not_found"))


class BusyAgents:
    """Writes one line at a time into a handful of sessions, torn ones and repeated ones among them."""

    def __init__(self, folder: Path, seed: int, start: datetime) -> None:
        self.dice = random.Random(seed)
        self.folder = folder
        self.now = start
        self.counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self.durations: dict[str, list[int]] = {}
        self.open: list[dict[str, str]] = []
        self.sessions: list[str] = []
        self.projects: dict[str, str] = {}
        self.torn: dict[Path, bytes] = {}
        self.sizes: Counter[str] = Counter()

    def step(self) -> None:
        """Do one thing."""
        self.now += timedelta(milliseconds=self.dice.randrange(1, 400))
        if not self.sessions or self.dice.random() < 0.01:
            self._start_session()
        self.dice.choices(
            (self._start_call, self._end_call, self._prompt, self._subagent, self._nonsense, self._complete_torn),
            (40, 40, 3, 3, 3, 12),
        )[0]()

    def settle(self) -> None:
        """Complete every torn line, and end every call."""
        while self.torn:
            self._complete_torn()
        while self.open:
            self._end_call(tear=False)

    def expected(self) -> Samples:
        """What the page must say, and nothing else of these metrics."""
        samples: Samples = {key: float(value) for key, value in self.counts.items()}
        for tool, durations in self.durations.items():
            for bound in BOUNDS:
                below = sum(ms <= bound * 1000 for ms in durations)
                samples[sample("claude_tool_call_duration_seconds_bucket", tool=tool, le=str(float(bound)))] = below
            samples[sample("claude_tool_call_duration_seconds_bucket", tool=tool, le="+Inf")] = len(durations)
            samples[sample("claude_tool_call_duration_seconds_count", tool=tool)] = len(durations)
            samples[sample("claude_tool_call_duration_seconds_sum", tool=tool)] = sum(durations) / 1000
        for source, size in self.sizes.items():
            samples[sample("hookmeter_bytes_read_total", source=source)] = size
        return {key: value for key, value in samples.items() if value}

    def _count(self, name: str, **labels: str) -> None:
        self.counts[sample(name, **labels)] += 1

    def _start_session(self) -> None:
        session = str(uuid.UUID(int=self.dice.getrandbits(128)))
        self.sessions.append(session)
        project = self.dice.choice(("shop", "api"))
        self.projects[session] = f"/home/dev/{project}"
        self._count("claude_sessions_started_total", project=project)
        (self.folder / session).mkdir(parents=True)
        self._event(session, "SessionStart", source="startup", tear=False)

    def _start_call(self) -> None:
        agent_id, agent = self.dice.choice(AGENTS)
        call = {
            "session_id": self.dice.choice(self.sessions),
            "tool_name": self.dice.choice(TOOLS),
            "tool_use_id": f"toolu_{self.dice.getrandbits(64):016x}",
            "agent": agent,
            "agent_id": agent_id,
        }
        self.open.append(call)
        self._write(call["session_id"], "pre_tool_use", {"hook_event_name": "PreToolUse", **self._fields(call)})

    def _end_call(self, *, tear: bool = True) -> None:
        if not self.open:
            return
        call = self.open.pop(self.dice.randrange(len(self.open)))
        milliseconds = self.dice.choice((0, 1, 7, 42, 900, 61_000, 4_000_000))
        self.durations.setdefault(call["tool_name"], []).append(milliseconds)
        fields: dict[str, object] = {**self._fields(call), "duration_ms": milliseconds}
        outcome = "success"
        if self.dice.random() < 0.2:
            outcome = "error"
            error, category = self.dice.choice(ERRORS)
            self._count("claude_tool_errors_total", tool=call["tool_name"], category=category)
            fields |= {"hook_event_name": "PostToolUseFailure", "error": error}
        else:
            fields |= {"hook_event_name": "PostToolUse", "tool_response": {"stdout": "x" * self.dice.randrange(3000)}}
        self._count("claude_tool_calls_total", tool=call["tool_name"], agent=call["agent"], outcome=outcome)
        self._write(call["session_id"], "post_tool_use", fields, tear=tear)

    def _prompt(self) -> None:
        """A sub-agent's prompt is none; a main agent's would end its open calls, so only a quiet session gets one."""
        session = self.dice.choice(self.sessions)
        if not any(call["session_id"] == session for call in self.open):
            self._count("claude_prompts_total")
            self._event(session, "UserPromptSubmit", prompt="go on")

    def _subagent(self) -> None:
        self._count("claude_subagents_started_total", agent="Explore")
        self._event(self.dice.choice(self.sessions), "SubagentStart", agent_id="a1", agent_type="Explore")

    def _nonsense(self) -> None:
        """A line that is no JSON, or one that stands twice."""
        session = self.dice.choice(self.sessions)
        path = self.folder / session / "events.jsonl"
        if path in self.torn:
            return
        if self.dice.random() < 0.5:
            self._append(path, b"{nonsense\n")
            self._count("hookmeter_lines_total", source="events", result="malformed")
        else:
            line = path.read_bytes().splitlines(keepends=True)[0]
            self._append(path, line)
            self._count("hookmeter_lines_total", source="events", result="duplicate")

    def _complete_torn(self) -> None:
        if self.torn:
            path = self.dice.choice(list(self.torn))
            self._append(path, self.torn.pop(path))

    def _fields(self, call: dict[str, str]) -> dict[str, object]:
        agent = {"agent_id": call["agent_id"], "agent_type": call["agent"]} if call["agent_id"] else {}
        return {"tool_name": call["tool_name"], "tool_use_id": call["tool_use_id"], "tool_input": {"a": 1}, **agent}

    def _event(self, session: str, event: str, *, tear: bool = True, **fields: object) -> None:
        self._write(session, "events", {"hook_event_name": event, **fields}, tear=tear)

    def _write(self, session: str, source: str, fields: dict[str, object], *, tear: bool = True) -> None:
        line = {"logged_at": self.now.astimezone(UTC).isoformat(), "session_id": session, **fields}
        line["project_dir"] = self.projects[session]
        path = self.folder / session / f"{source}.jsonl"
        if path in self.torn:
            self._append(path, self.torn.pop(path))
        data = json.dumps(line).encode() + b"\n"
        if tear and self.dice.random() < 0.1:
            cut = self.dice.randrange(1, len(data) - 1)
            data, self.torn[path] = data[:cut], data[cut:]
        self._append(path, data)
        self._count("hookmeter_lines_total", source=source, result="counted")

    def _append(self, path: Path, data: bytes) -> None:
        with path.open("ab", buffering=0) as log:
            assert log.write(data) == len(data)
            os.fsync(log.fileno()) if self.dice.random() < 0.01 else None
        self.sizes[path.stem] += len(data)
