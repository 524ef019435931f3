"""A made sample for newcomers: a day of sessions as the recorder would have written them, and one that goes on."""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from exporter.demo.transcripts import MadeTranscript
from exporter.model.clock import from_us
from exporter.model.records import Outcome
from exporter.sources.quotas import FILE_NAME
from exporter.terminal.messages import say

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
SESSIONS = 40
LONGEST_LIVE_SECONDS = 8.0
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


@dataclass(frozen=True, slots=True)
class DemoFolders:
    """Where the sample is written."""

    sessions: Path
    transcripts: Path

    @property
    def data(self) -> Path:
        """For what is counted of it."""
        return self.sessions.with_name("data")

    @classmethod
    def below(cls, folder: Path) -> DemoFolders:
        """Those in a throw-away folder."""
        return cls(folder / "sessions", folder / "projects")


@contextmanager
def demo_folders() -> Iterator[DemoFolders]:
    """A sample in a throw-away folder, in which one session goes on until the context ends."""
    with tempfile.TemporaryDirectory(prefix="hookmeter-demo-") as folder:
        made, stopping = DemoFolders.below(Path(folder)), threading.Event()
        make_history(made, _now_us())
        writer = threading.Thread(target=go_on, args=(made, stopping), daemon=True)
        writer.start()
        try:
            say("This is a demo: made sessions in a throw-away folder.")
            yield made
        finally:
            stopping.set()
            writer.join()


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A tool call that is to be made: what its lines say, how long it will take, and how it will end."""

    fields: dict[str, object]
    milliseconds: int
    outcome: Outcome
    error: str


@dataclass(slots=True)
class MadeSession:
    """Writes one session, call by call, as if it happened at the times that it is given."""

    folders: DemoFolders
    project: str
    dice: random.Random
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    transcript: MadeTranscript = field(init=False)

    def __post_init__(self) -> None:
        self.transcript = MadeTranscript(self.folders.transcripts, self._project_dir, self.session_id, self.dice)

    @property
    def _project_dir(self) -> str:
        return f"/home/you/{self.project}"

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

    def plan(self) -> MadeCall:
        """Think up a tool call; nothing is written yet."""
        tool, _, usual, errors, error = self.dice.choices(TOOLS, weights=[entry[1] for entry in TOOLS])[0]
        agent_id, agent, _ = self.dice.choices(AGENTS, weights=[entry[2] for entry in AGENTS])[0]
        fields: dict[str, object] = {
            "tool_name": tool,
            "tool_input": {"sample": self.dice.getrandbits(32)},
            "tool_use_id": f"toolu_{self.dice.getrandbits(128):032x}",
        }
        if agent_id:
            fields |= {"agent_id": agent_id, "agent_type": agent}
        others = (Outcome.ERROR, Outcome.DENIED, Outcome.INTERRUPTED, Outcome.UNKNOWN)
        shares = (errors, 0.01, 0.005, 0.003)
        outcome = self.dice.choices((Outcome.SUCCESS, *others), weights=(1 - sum(shares), *shares))[0]
        return MadeCall(fields, round(1000 * usual * self.dice.lognormvariate(0, 0.8)), outcome, error)

    def begin(self, call: MadeCall, at_us: int) -> None:
        """Write the answer that asks for a call, its start, and the question on which it waits if it will be denied."""
        self.transcript.answer(at_us, str(call.fields.get("agent_id", "")), str(call.fields.get("agent_type", "")))
        self._write("pre_tool_use.jsonl", "PreToolUse", at_us, call.fields)
        if call.outcome is Outcome.DENIED:
            self._write("events.jsonl", "PermissionRequest", at_us + 1000, _without_id(call.fields))

    def finish(self, call: MadeCall, at_us: int, milliseconds: int) -> None:
        """Write the end of a call; one that was denied, or whose process was killed, has none."""
        took = {"duration_ms": milliseconds}
        if call.outcome is Outcome.SUCCESS:
            self._write("post_tool_use.jsonl", "PostToolUse", at_us, call.fields | {"tool_response": "ok"} | took)
        elif call.outcome in {Outcome.ERROR, Outcome.INTERRUPTED}:
            stopped = call.outcome is Outcome.INTERRUPTED
            failure = {"error": "[Request interrupted by user]" if stopped else call.error, "is_interrupt": stopped}
            self._write("post_tool_use.jsonl", "PostToolUseFailure", at_us, call.fields | failure | took)

    def _event(self, event: str, at_us: int, **fields: object) -> None:
        self._write("events.jsonl", event, at_us, fields)

    def _write(self, name: str, event: str, at_us: int, fields: Mapping[str, object]) -> None:
        line = {
            "logged_at": from_us(at_us).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "project_dir": self._project_dir,
            "session_id": self.session_id,
            "hook_event_name": event,
            **fields,
        }
        folder = self.folders.sessions / self.session_id
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("a") as log:
            log.write(json.dumps(line) + "\n")


def make_history(folders: DemoFolders, now_us: int, seed: int = 1) -> None:
    """Write a day of finished sessions, up to a few minutes ago, and quotas."""
    dice = random.Random(seed)  # noqa: S311 - a sample, not a secret
    _write_quotas(folders.sessions, now_us / 1e6)
    for start_us in _starts(dice, now_us):
        session = MadeSession(folders, dice.choice(PROJECTS), dice)
        session.start(start_us)
        at_us = start_us + 2 * SECOND_US
        last_us = now_us - 120 * SECOND_US
        for _ in range(dice.randrange(5, 80)):
            call = session.plan()
            ended_us = at_us + 1000 * call.milliseconds
            if ended_us > last_us:
                break
            session.begin(call, at_us)
            session.finish(call, ended_us, call.milliseconds)
            at_us = ended_us + round(dice.expovariate(1 / 6) * SECOND_US)
        session.end(min(at_us, last_us))


def go_on(folders: DemoFolders, stopping: threading.Event) -> None:
    """Write one session live, one call after the other, until told to stop."""
    dice = random.Random()  # noqa: S311 - a sample, not a secret
    session = MadeSession(folders, PROJECTS[0], dice)
    session.start(_now_us() - SECOND_US)
    while not stopping.is_set():
        call = session.plan()
        began_us = _now_us()
        session.begin(call, began_us)
        stopping.wait(min(call.milliseconds / 1000, LONGEST_LIVE_SECONDS))
        ended_us = _now_us()
        session.finish(call, ended_us, (ended_us - began_us) // 1000)
        if call.outcome in {Outcome.DENIED, Outcome.UNKNOWN}:
            session.prompt(_now_us())  # so that it does not stay open for good
        stopping.wait(dice.expovariate(1 / 1.5))


def _write_quotas(folder: Path, now: float) -> None:
    windows = {
        name: {"used_percentage": used, "resets_at": now + hours * 3600, "seen_at": now}
        for name, used, hours in (("five_hour", 42, 3.2), ("seven_day", 13, 90))
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(json.dumps({"windows": windows}))


def _starts(dice: random.Random, now_us: int) -> Iterator[int]:
    for _ in range(SESSIONS):
        yield now_us - round(dice.uniform(0.1, 22) * HOUR_US)


def _without_id(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name != "tool_use_id"}


def _now_us() -> int:
    return time.time_ns() // 1000
