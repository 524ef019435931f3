"""The rows of `agent_runs`, and their conversion from and to open runs of sub-agents."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

from exporter.counting.session_count import SessionCount
from exporter.model.records import Outcome
from exporter.sources.open_calls import Evidence, PresumedEnd
from exporter.sources.open_runs import OpenRun

NO_END = (0, "", None, False)


class AgentRunRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `agent_runs`."""

    session_id: str
    agent_id: str
    agent: str
    started_us: int | None
    last_us: int
    hooked: int
    end_evidence: int
    end_outcome: str
    end_us: int | None
    ends_turn: int
    messages_us: str

    @classmethod
    def of(cls, session_id: str, run: OpenRun) -> AgentRunRow:
        """The row of an open run."""
        end, messages_us = run.end, json.dumps(run.messages_us)
        ended = (end.evidence, end.outcome, end.at_us, end.ends_turn, messages_us) if end else (*NO_END, messages_us)
        return cls(session_id, run.agent_id, run.agent, run.started_us, run.last_us, run.hooked, *ended)

    def open_run(self) -> OpenRun:
        """The run."""
        end = None
        if self.end_evidence:
            evidence, outcome = Evidence(self.end_evidence), Outcome(self.end_outcome)
            end = PresumedEnd(evidence, outcome, self.end_us, ends_turn=bool(self.ends_turn))
        messages_us = tuple(json.loads(self.messages_us))
        return OpenRun(self.agent_id, self.agent, self.started_us, self.last_us, bool(self.hooked), end, messages_us)


def agent_run_rows(count: SessionCount) -> Iterator[AgentRunRow]:
    """Every open run of a session's sub-agents."""
    for run in count.pairing.runs:
        yield AgentRunRow.of(count.session.session_id, run)
