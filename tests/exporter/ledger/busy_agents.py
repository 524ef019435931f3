"""Simulated agents that write hook logs as the recorder does, and count what an exact meter must report."""

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
    """Writes one line at a time into a few sessions, including torn, malformed and duplicate lines.

    Without a start, the times of lines are those of the clock.
    """

    def __init__(self, directory: Path, seed: int, start: datetime | None = None) -> None:
        self.rng = random.Random(seed)
        self.directory = directory
        self.now = start or datetime.now(UTC)
        self._is_live = start is None
        self.counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self.durations: dict[str, list[int]] = {}
        self.open: list[dict[str, str]] = []
        self.sessions: list[str] = []
        self.projects: dict[str, str] = {}
        self.torn: dict[Path, bytes] = {}
        self.sizes: Counter[str] = Counter()

    def step(self) -> None:
        """Write one random line."""
        self.now = datetime.now(UTC) if self._is_live else self.now + timedelta(milliseconds=self.rng.randrange(1, 400))
        if not self.sessions or self.rng.random() < 0.01:
            self._start_session()
        self.rng.choices(
            (
                self._start_call,
                self._end_call,
                self._prompt,
                self._subagent,
                self._malformed_or_duplicate,
                self._complete_torn,
            ),
            (40, 40, 3, 3, 3, 12),
        )[0]()

    def settle(self) -> None:
        """Complete all torn lines and end all calls."""
        while self.torn:
            self._complete_torn()
        while self.open:
            self._end_call(tear=False)

    def expected(self) -> Samples:
        """All samples other than 0 that the page must have of these metrics."""
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
        session = str(uuid.UUID(int=self.rng.getrandbits(128)))
        self.sessions.append(session)
        project = self.rng.choice(("shop", "api"))
        self.projects[session] = f"/home/dev/{project}"
        self._count("claude_sessions_started_total", project=project)
        (self.directory / session).mkdir(parents=True)
        self._event(session, "SessionStart", source="startup", tear=False)

    def _start_call(self) -> None:
        agent_id, agent = self.rng.choice(AGENTS)
        call = {
            "session_id": self.rng.choice(self.sessions),
            "tool_name": self.rng.choice(TOOLS),
            "tool_use_id": f"toolu_{self.rng.getrandbits(64):016x}",
            "agent": agent,
            "agent_id": agent_id,
        }
        self.open.append(call)
        self._write(call["session_id"], "pre_tool_use", {"hook_event_name": "PreToolUse", **self._fields(call)})

    def _end_call(self, *, tear: bool = True) -> None:
        if not self.open:
            return
        call = self.open.pop(self.rng.randrange(len(self.open)))
        milliseconds = self.rng.choice((0, 1, 7, 42, 900, 61_000, 4_000_000))
        self.durations.setdefault(call["tool_name"], []).append(milliseconds)
        fields: dict[str, object] = {**self._fields(call), "duration_ms": milliseconds}
        outcome = "success"
        if self.rng.random() < 0.2:
            outcome = "error"
            error, category = self.rng.choice(ERRORS)
            self._count("claude_tool_errors_total", tool=call["tool_name"], category=category)
            fields |= {"hook_event_name": "PostToolUseFailure", "error": error}
        else:
            fields |= {"hook_event_name": "PostToolUse", "tool_response": {"stdout": "x" * self.rng.randrange(3000)}}
        self._count("claude_tool_calls_total", tool=call["tool_name"], agent=call["agent"], outcome=outcome)
        self._write(call["session_id"], "post_tool_use", fields, tear=tear)

    def _prompt(self) -> None:
        """A prompt ends the open calls of the main agent, so only a session without open calls gets one."""
        session = self.rng.choice(self.sessions)
        if not any(call["session_id"] == session for call in self.open):
            self._count("claude_prompts_total")
            self._event(session, "UserPromptSubmit", prompt="go on")

    def _subagent(self) -> None:
        self._count("claude_subagents_started_total", agent="Explore")
        self._event(self.rng.choice(self.sessions), "SubagentStart", agent_id="a1", agent_type="Explore")

    def _malformed_or_duplicate(self) -> None:
        """A malformed line, or a duplicate."""
        session = self.rng.choice(self.sessions)
        path = self.directory / session / "events.jsonl"
        if path in self.torn:
            return
        if self.rng.random() < 0.5:
            self._append(path, b"{nonsense\n")
            self._count("hookmeter_lines_total", source="events", result="malformed")
        else:
            line = path.read_bytes().splitlines(keepends=True)[0]
            self._append(path, line)
            self._count("hookmeter_lines_total", source="events", result="duplicate")

    def _complete_torn(self) -> None:
        if self.torn:
            path = self.rng.choice(list(self.torn))
            self._append(path, self.torn.pop(path))

    def _fields(self, call: dict[str, str]) -> dict[str, object]:
        agent = {"agent_id": call["agent_id"], "agent_type": call["agent"]} if call["agent_id"] else {}
        return {"tool_name": call["tool_name"], "tool_use_id": call["tool_use_id"], "tool_input": {"a": 1}, **agent}

    def _event(self, session: str, event: str, *, tear: bool = True, **fields: object) -> None:
        self._write(session, "events", {"hook_event_name": event, **fields}, tear=tear)

    def _write(self, session: str, source: str, fields: dict[str, object], *, tear: bool = True) -> None:
        line = {"logged_at": self.now.astimezone(UTC).isoformat(), "session_id": session, **fields}
        line["project_dir"] = self.projects[session]
        path = self.directory / session / f"{source}.jsonl"
        if path in self.torn:
            self._append(path, self.torn.pop(path))
        data = json.dumps(line).encode() + b"\n"
        if tear and self.rng.random() < 0.1:
            cut = self.rng.randrange(1, len(data) - 1)
            data, self.torn[path] = data[:cut], data[cut:]
        self._append(path, data)
        self._count("hookmeter_lines_total", source=source, result="counted")

    def _append(self, path: Path, data: bytes) -> None:
        with path.open("ab", buffering=0) as log:
            assert log.write(data) == len(data)
            os.fsync(log.fileno()) if self.rng.random() < 0.01 else None
        self.sizes[path.stem] += len(data)
