"""One struct per table with a field per column, and conversion from and to the records of the other packages."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
from msgspec.structs import astuple

from exporter.counting.messages import CountedMessage
from exporter.counting.session_count import SessionCount
from exporter.counting.totals import Distribution, Key
from exporter.model.cost_states import CostState
from exporter.model.records import CodeChange, Outcome
from exporter.model.sessions import Session
from exporter.sources.closers import ClosingEvent
from exporter.sources.lines import digest
from exporter.sources.open_calls import Evidence, OpenCall, PresumedEnd

UNPRICED = (None, None, None)
CHANGE = msgspec.json.Decoder(CodeChange)
CLOSING_EVENTS = msgspec.json.Decoder(list[ClosingEvent])
TALLIES = Session.__struct_fields__.index("tallies")
NO_END = (0, "", None, "", False)
Row = tuple[object, ...]


class CounterRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `counters`; labels are a JSON array."""

    name: str
    labels: str
    value: int

    @classmethod
    def of(cls, key: Key, value: int) -> CounterRow:
        """The row of a counter."""
        name, labels = key
        return cls(name, json.dumps(labels), value)

    @property
    def key(self) -> Key:
        """The metric and its label values."""
        return self.name, tuple(json.loads(self.labels))


class DistributionRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `distributions`; labels and counts are JSON arrays."""

    name: str
    labels: str
    counts: str
    sum: int

    @classmethod
    def of(cls, key: Key, distribution: Distribution) -> DistributionRow:
        """The row of a distribution."""
        name, labels = key
        return cls(name, json.dumps(labels), json.dumps(distribution.counts), distribution.sum)

    @property
    def key(self) -> Key:
        """The metric and its label values."""
        return self.name, tuple(json.loads(self.labels))

    def distribution(self) -> Distribution:
        """The counts and the sum."""
        return Distribution(json.loads(self.counts), self.sum)


class SessionRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `sessions`; tallies and closing events are JSON."""

    session_id: str
    project: str
    first_us: int
    last_us: int
    run_started_us: int
    ended: int
    calls: int
    open_calls: int
    hook_last_us: int
    transcript_started_us: int
    transcript_last_us: int
    transcript_ended: int
    tallies: str
    closing_events: str
    background_calls: int
    hooks_alone_us: int
    running_agents: int
    awaits_project: int

    @classmethod
    def of(cls, count: SessionCount) -> SessionRow:
        """The row of a session."""
        values = astuple(count.session)
        events = msgspec.json.encode(count.pairing.recent).decode()
        columns = (*values[:TALLIES], json.dumps(values[TALLIES]), events, *values[TALLIES + 1 :])
        return cls(*columns)

    def session(self) -> Session:
        """The session."""
        return Session(
            self.session_id, self.project, self.first_us, self.last_us, self.run_started_us, bool(self.ended),
            self.calls, self.open_calls, self.hook_last_us, self.transcript_started_us, self.transcript_last_us,
            bool(self.transcript_ended), json.loads(self.tallies), self.background_calls,
            self.hooks_alone_us, self.running_agents, bool(self.awaits_project),
        )  # fmt: skip

    def recent_events(self) -> list[ClosingEvent]:
        """The latest events that end calls."""
        return CLOSING_EVENTS.decode(self.closing_events)


class OpenCallRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `open_calls`. `opened_us` orders calls by age, also those without a known start."""

    session_id: str
    key: str
    tool: str
    agent_id: str
    agent: str
    started_us: int | None
    opened_us: int
    input_digest: bytes
    fallback: str
    error: str
    identified: int
    hooked: int
    reported: int
    end_evidence: int
    end_outcome: str
    end_us: int | None
    end_error: str
    ends_turn: int
    turn: str
    task: str
    asked_us: int | None
    end_change: str

    @classmethod
    def of(cls, session: Session, key: str, call: OpenCall) -> OpenCallRow:
        """The row of an open call of a session."""
        end = call.end
        ended = (end.evidence, end.outcome, end.at_us, end.error, end.ends_turn) if end else NO_END
        change = msgspec.json.encode(end.change).decode() if end and end.change else ""
        last = (*ended, call.turn, call.task, call.asked_us, change)
        return cls(
            session.session_id, key, call.tool, call.agent_id, call.agent, call.started_us,
            session.last_us if call.started_us is None else call.started_us,
            call.input_digest or digest(call.input), call.fallback, call.error, call.identified, call.hooked,
            call.reported, *last,
        )  # fmt: skip

    def open_call(self) -> OpenCall:
        """The call, with the digest in place of its input."""
        return OpenCall(
            self.tool, self.agent_id, self.agent, self.started_us, b"", self.input_digest, Outcome(self.fallback),
            self.error, bool(self.identified), bool(self.hooked), bool(self.reported), self._end(),
            self.turn, self.task, self.asked_us,
        )  # fmt: skip

    def _end(self) -> PresumedEnd | None:
        if not self.end_evidence:
            return None
        evidence, outcome = Evidence(self.end_evidence), Outcome(self.end_outcome)
        change = CHANGE.decode(self.end_change) if self.end_change else None
        return PresumedEnd(evidence, outcome, self.end_us, self.end_error, bool(self.ends_turn), change)


class MessageRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `messages`. `origin` is the id of its origin; costs are picodollars, None where no price was known."""

    key: int
    origin: int
    time_us: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_searches: int
    cost: int | None
    cache_saved: int | None
    cache_premium: int | None
    fast: int
    us_inference: int
    copied: int
    moved: int

    @classmethod
    def of(cls, message: CountedMessage, origin_id: int) -> MessageRow:
        """The row of a message."""
        flags = message.fast, message.us_inference, message.copied, message.moved
        terms = (*astuple(message.usage), *(message.cost or UNPRICED), *flags)
        return cls(message.key, origin_id, message.time_us, *terms)


class SpendingRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `spending`: picodollars, and tokens without a known price, by slot of 15 minutes and id of an origin."""

    slot: int
    origin: int
    cost: int
    unpriced_tokens: int


class CostStateRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `cost_states`; the whole cost-state is JSON."""

    key: int
    session: str
    started_us: int
    time_us: int
    settled: int
    state: str

    @classmethod
    def of(cls, state: CostState) -> CostStateRow:
        """The row of a cost-state that is not settled."""
        text = msgspec.json.encode(state).decode()
        return cls(state.key, state.session, state.started_us, state.time_us, 0, text)


def open_call_rows(count: SessionCount) -> Iterator[OpenCallRow]:
    """Every open call of a session."""
    for key, call in count.pairing.open.items():
        yield OpenCallRow.of(count.session, key, call)
