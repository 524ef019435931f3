"""One synthetic session: the lines that the recorder and Claude Code would have written for it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.demo.directories import DemoDirectories
from exporter.demo.texts import tool_input, tool_response
from exporter.demo.transcripts import SyntheticTranscript, write_json_line
from exporter.model.clock import from_us
from exporter.model.records import Outcome

SECOND_US = 1_000_000
AGENTS = (("", "", 8), ("a1", "Explore", 2), ("b2", "general-purpose", 1))  # agent id, agent type, weight
# tool, weight, typical duration in seconds, error rate, error text
TOOLS = (
    ("Bash", 30, 4.0, 0.08, "Exit code 1\nmake: *** [test] Error 1"),
    ("Read", 25, 0.03, 0.03, "File does not exist."),
    ("Edit", 22, 0.2, 0.04, "<tool_use_error>String to replace not found in file.</tool_use_error>"),
    ("Grep", 12, 0.1, 0.01, "ripgrep timed out"),
    ("Write", 5, 0.1, 0.01, "EACCES: permission denied"),
    ("WebFetch", 3, 2.5, 0.15, "getaddrinfo ENOTFOUND example.invalid"),
    ("mcp__tracker__search", 3, 1.2, 0.05, "connection refused"),
)
# The first prompt of a session, and the title that Claude Code gives it; not all sessions have one.
PROMPTS = (
    ("Make the tests pass", ""),
    ("The checkout shows the wrong total for vouchers, find out why", "Fix voucher totals in checkout"),
    ("Add retries with backoff to the webhook sender", "Retry failed webhooks"),
    ("Upgrade the dependencies and fix what breaks", "Upgrade dependencies"),
    ("Why is the invoice export slow? Profile it first", "Speed up the invoice export"),
    ("Write the migration for the new address table", ""),
    ("Explain how sessions are invalidated", "How sessions are invalidated"),
    ("Translate the onboarding page to German", "German onboarding page"),
    ("/review", ""),
    ("The nightly job failed again, look at its log", "Nightly job fails on empty files"),
)
RARE_OUTCOMES = {Outcome.DENIED: 0.01, Outcome.INTERRUPTED: 0.005, Outcome.UNKNOWN: 0.003}


@dataclass(frozen=True, slots=True)
class SyntheticCall:
    """A tool call yet to be written: the fields of its log lines, its duration and its outcome."""

    fields: dict[str, object]
    milliseconds: int
    outcome: Outcome
    error: str


@dataclass(slots=True)
class SyntheticSession:
    """Writes one session, call by call, with the times that it is given.

    One agent works at a time: another one starts a run when it makes a call, and the run ends with the next call of any
    other agent.
    """

    directories: DemoDirectories
    project: str
    rng: random.Random
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    transcript: SyntheticTranscript = field(init=False)
    _subagent: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.transcript = SyntheticTranscript(
            self.directories.transcripts, self._project_dir, self.session_id, self.rng
        )

    @property
    def _project_dir(self) -> str:
        return f"/home/you/{self.project}"

    def start(self, at_us: int, prompt: str = "") -> None:
        """Start the session with a first prompt, by default one of the sample, which may have given it a title."""
        prompt, title = (prompt, "") if prompt else self.rng.choice(PROMPTS)
        self.write_event("SessionStart", at_us, source="startup")
        self.submit_prompt(at_us + SECOND_US, prompt)
        if title:
            self.transcript.write_title(title)

    def submit_prompt(self, at_us: int, prompt: str = "Go on") -> None:
        """Write a prompt, which starts a turn."""
        self.write_event("UserPromptSubmit", at_us, prompt=prompt)

    def end_turn(self, at_us: int) -> None:
        """End the turn, after which the session waits for a prompt."""
        self._switch_to({}, at_us)
        self.write_event("Stop", at_us)

    def ask(self, tool: str, tool_input: dict[str, object], at_us: int) -> None:
        """Start a call that a person has to allow or to answer."""
        fields: dict[str, object] = {"tool_name": tool, "tool_input": tool_input}
        self._write("pre_tool_use.jsonl", "PreToolUse", at_us, fields | {"tool_use_id": f"toolu_{at_us:032x}"})
        self._write("events.jsonl", "PermissionRequest", at_us + 1000, fields)

    def end(self, at_us: int) -> None:
        """End the turn and the session."""
        self.end_turn(at_us)
        self.write_event("SessionEnd", at_us + SECOND_US, reason="other")

    def generate_call(self) -> SyntheticCall:
        """Generate a random tool call without writing it."""
        tool, _, usual, error_rate, error = self.rng.choices(TOOLS, weights=[entry[1] for entry in TOOLS])[0]
        agent_id, agent, _ = self.rng.choices(AGENTS, weights=[entry[2] for entry in AGENTS])[0]
        fields: dict[str, object] = {
            "tool_name": tool,
            "tool_input": tool_input(tool, self.rng.getrandbits(32), self._project_dir),
            "tool_use_id": f"toolu_{self.rng.getrandbits(128):032x}",
        }
        if agent_id:
            fields |= {"agent_id": agent_id, "agent_type": agent}
        rates = {Outcome.ERROR: error_rate, **RARE_OUTCOMES}
        outcomes, weights = (Outcome.SUCCESS, *rates), (1 - sum(rates.values()), *rates.values())
        outcome = self.rng.choices(outcomes, weights)[0]
        return SyntheticCall(fields, round(1000 * usual * self.rng.lognormvariate(0, 0.8)), outcome, error)

    def start_call(self, call: SyntheticCall, at_us: int) -> None:
        """Write the API response with the call, its start and, if it will be denied, the permission request."""
        agent_id, agent = (str(call.fields.get(name, "")) for name in ("agent_id", "agent_type"))
        self._switch_to({"agent_id": agent_id, "agent_type": agent} if agent_id else {}, at_us)
        self.transcript.write_response(at_us, agent_id, agent)
        self._write("pre_tool_use.jsonl", "PreToolUse", at_us, call.fields)
        if call.outcome is Outcome.DENIED:
            self._write("events.jsonl", "PermissionRequest", at_us + 1000, _without_id(call.fields))

    def finish_call(self, call: SyntheticCall, at_us: int, milliseconds: int) -> None:
        """Write the end of a call; one that was denied, or whose process was killed, has none."""
        duration = {"duration_ms": milliseconds}
        if call.outcome is Outcome.SUCCESS:
            given = call.fields.get("tool_input")
            response = tool_response(given if isinstance(given, dict) else {}, call.milliseconds)
            result = {"tool_response": response} | duration
            self._write("post_tool_use.jsonl", "PostToolUse", at_us, call.fields | result)
        elif call.outcome in {Outcome.ERROR, Outcome.INTERRUPTED}:
            stopped = call.outcome is Outcome.INTERRUPTED
            failure = {"error": "[Request interrupted by user]" if stopped else call.error, "is_interrupt": stopped}
            self._write("post_tool_use.jsonl", "PostToolUseFailure", at_us, call.fields | failure | duration)

    def write_event(self, event: str, at_us: int, **fields: object) -> None:
        """Write an event other than a call's start or end."""
        self._write("events.jsonl", event, at_us, fields)

    def files(self) -> list[Path]:
        """The files of the session so far."""
        logs, transcripts, name = self.directories.sessions, self.directories.transcripts, self.session_id
        return [*logs.glob(f"{name}/*"), *transcripts.glob(f"*/{name}.jsonl"), *transcripts.glob(f"*/{name}/*/*")]

    def _switch_to(self, subagent: dict[str, object], at_us: int) -> None:
        """End the run of a sub-agent, and start that of another one; nothing names the main agent."""
        if subagent == self._subagent:
            return
        if self._subagent:
            self.write_event("SubagentStop", at_us, **self._subagent)
        if subagent:
            self.write_event("SubagentStart", at_us, **subagent)
        self._subagent = subagent

    def _write(self, file_name: str, event: str, at_us: int, fields: Mapping[str, object]) -> None:
        line = {
            "logged_at": from_us(at_us).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "project_dir": self._project_dir,
            "session_id": self.session_id,
            "hook_event_name": event,
            **fields,
        }
        write_json_line(self.directories.sessions / self.session_id / file_name, line)


def _without_id(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name != "tool_use_id"}
