"""The counting state of one session."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from sys import intern

from exporter.model.records import Outcome, Project, ToolCall, Witness
from exporter.model.sessions import Session
from exporter.sources.call_hours import CallEnds, no_ends
from exporter.sources.code_changes import CodeHours, Measure
from exporter.sources.open_calls import OpenCall
from exporter.sources.pairing import Pairing

EndedCalls = Counter[tuple[str, str, Outcome]]  # by tool, agent and outcome


@dataclass(slots=True)
class SessionCount:
    """The counting state of one session.

    `ends` has the calls that have ended, `code` what they changed, `prompts` the times of prompts by witness, and
    `first_prompt` the time and the first line of the earliest of them, since it was loaded.
    """

    session: Session
    pairing: Pairing
    ends: CallEnds = field(default_factory=no_ends)
    code: CodeHours = field(default_factory=CodeHours)
    prompts: dict[Witness, list[int]] = field(default_factory=dict)
    first_prompt: tuple[int, str] | None = None
    is_new: bool = False
    has_certain_project: bool = False
    had_open: bool = False
    had_runs: bool = False
    seen_rows: int = 0
    undated_us: int = 0  # when the last line of its transcript without a time was written

    @classmethod
    def new(cls, session_id: str) -> SessionCount:
        """The state of a session that was never counted before."""
        return cls(Session(session_id), Pairing(), is_new=True)

    @property
    def ended(self) -> EndedCalls:
        """The calls that have ended, by tool, agent and outcome; sessions share the names, which each line repeats."""
        found = EndedCalls()
        for kind, ends in self.ends.items():
            found[intern(kind.tool), intern(kind.agent), kind.outcome] += len(ends)
        return found

    @property
    def changes(self) -> Counter[Measure]:
        """What its calls changed in code, in all hours."""
        found: Counter[Measure] = Counter()
        for kind, number in self.code.items():
            found[kind.measure] += number
        return found

    def adopt_project(self, project: Project) -> None:
        """Adopt the first project that is named; a certain one replaces an uncertain one."""
        if project.path and (not self.session.project or (project.is_certain and not self.has_certain_project)):
            self.session.project, self.has_certain_project = project

    def add_prompt(self, witness: Witness, time_us: int, line: str) -> None:
        """Add a prompt of a person."""
        self.prompts.setdefault(witness, []).append(time_us)
        if line:
            self.first_prompt = min(self.first_prompt or (time_us, line), (time_us, line))

    def open_calls_before(self, before_us: int) -> set[str]:
        """The keys of its open calls that started before a time; in the background, only those of a silent session."""
        is_silent = self.session.last_us < before_us
        return {
            key
            for key, call in self.pairing.open.items()
            if call_started_us(call, self.session) < before_us and (is_silent or not call.is_in_background)
        }


def call_started_us(call: OpenCall | ToolCall, session: Session) -> int:
    """The start of a call; if it is unknown, the time of the last line of its session."""
    return session.last_us if call.started_us is None else call.started_us
