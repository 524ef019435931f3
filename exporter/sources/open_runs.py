"""Runs of sub-agents whose end is not certain yet."""

from __future__ import annotations

import msgspec

from exporter.model.records import AgentRun, Outcome
from exporter.model.sessions import SETTLE_US
from exporter.sources.open_calls import Evidence, PresumedEnd, span


class OpenRun(msgspec.Struct, gc=False):
    """A run without a final end. `hooked` is False if only the transcript of the sub-agent reports it.

    `last_us` is the time of its last line, `messages_us` those of the messages that it got while it was running. A run
    without a start is so far known by its end alone.
    """

    agent_id: str
    agent: str
    started_us: int | None
    last_us: int = 0
    hooked: bool = True
    end: PresumedEnd | None = None
    messages_us: tuple[int, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether it has started and nothing says that it has ended."""
        return self.end is None and (self.hooked or self.started_us is not None)

    def add_message(self, time_us: int) -> None:
        """Add a message to the sub-agent: the earliest starts the run."""
        if self.started_us is not None:
            self.messages_us = (*self.messages_us, max(self.started_us, time_us))
        self.started_us = time_us if self.started_us is None else min(self.started_us, time_us)

    def extend_to(self, time_us: int) -> None:
        """Extend the run to one of its lines, which disproves any end before it but that of its process."""
        self.last_us = max(self.last_us, time_us)
        self.end = self._end_with_lines(self.end)

    def presume(self, end: PresumedEnd) -> None:
        """Take an end for that of the run, unless there is better evidence or a later line."""
        found = self._end_with_lines(end)
        if found and found.replaces(self.end):
            self.end = found

    def divide(self, at_us: int | None) -> OpenRun | None:
        """Cut off the run that a message started after an end, if one did: its lines were read before the end."""
        messages_us = sorted(time_us for time_us in self.messages_us if at_us is not None and time_us > at_us)
        if at_us is None or not messages_us or self.hooked:
            return None
        started_us, *others = messages_us
        later = OpenRun(self.agent_id, self.agent, started_us, self.last_us, False, self.end, tuple(others))
        self.last_us, self.end = at_us, None
        self.messages_us = tuple(time_us for time_us in self.messages_us if time_us <= at_us)
        return later

    def _end_with_lines(self, end: PresumedEnd | None) -> PresumedEnd | None:
        """An end no earlier than the last line; None if the line disproves it.

        A process ends its sub-agents after it has written its own last line, so theirs may be later.
        """
        if end is None or end.at_us is None or end.at_us >= self.last_us:
            return end
        is_late = end.evidence is Evidence.EXIT and self.last_us <= end.at_us + SETTLE_US
        return msgspec.structs.replace(end, at_us=self.last_us) if is_late else None

    def ended(self, outcome: Outcome, at_us: int | None, *, is_own: bool = True) -> AgentRun:
        """The run after its end; only an end of its own shows how long it took."""
        duration_us = span(self.started_us, at_us) if is_own else None
        return AgentRun(self.agent, outcome, self.started_us, at_us, duration_us, self.agent_id)

    def as_presumed(self) -> AgentRun:
        """The run after its presumed end; with the outcome UNKNOWN if there is none."""
        if self.end is None:
            return self.ended(Outcome.UNKNOWN, None)
        return self.ended(self.end.outcome, self.end.at_us, is_own=self.end.evidence > Evidence.CLOSER)
