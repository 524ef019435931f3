"""Runs of sub-agents whose end is not certain yet."""

from __future__ import annotations

import msgspec

from exporter.model.records import AgentRun, Outcome
from exporter.sources.open_calls import Evidence, PresumedEnd, span


class OpenRun(msgspec.Struct, gc=False):
    """A run without a final end. `hooked` is False if only the transcript of the sub-agent reports it.

    `last_us` is the time of its last line. A run without a start is so far known by its end alone.
    """

    agent_id: str
    agent: str
    started_us: int | None
    last_us: int = 0
    hooked: bool = True
    end: PresumedEnd | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has started and nothing says that it has ended."""
        return self.end is None and (self.hooked or self.started_us is not None)

    def note(self, time_us: int) -> None:
        """Extend the run to one of its lines, which disproves any end before it."""
        self.last_us = max(self.last_us, time_us)
        if self.end and self.end.at_us is not None and self.end.at_us < time_us:
            self.end = None

    def presume(self, end: PresumedEnd) -> None:
        """Take an end for that of the run, unless there is better evidence or a later line."""
        if (end.at_us is None or end.at_us >= self.last_us) and end.replaces(self.end):
            self.end = end

    def ended(self, outcome: Outcome, at_us: int | None, *, is_own: bool = True) -> AgentRun:
        """The run after its end; only an end of its own shows how long it took."""
        duration_us = span(self.started_us, at_us) if is_own else None
        return AgentRun(self.agent, outcome, self.started_us, at_us, duration_us, self.agent_id)

    def as_presumed(self) -> AgentRun:
        """The run after its presumed end; with the outcome UNKNOWN if there is none."""
        if self.end is None:
            return self.ended(Outcome.UNKNOWN, None)
        return self.ended(self.end.outcome, self.end.at_us, is_own=self.end.evidence > Evidence.CLOSER)
