"""The events that imply the end of calls whose own end is never logged."""

from __future__ import annotations

from bisect import bisect_left
from enum import Enum
from operator import attrgetter

import msgspec

from exporter.model.records import HookRecord, Outcome, Phase
from exporter.model.sessions import SETTLE_US
from exporter.sources.open_calls import OpenCall

TIME = attrgetter("time_us")


class Scope(Enum):
    """Which agents' open calls an event ends."""

    MAIN_AGENT = "the main agent"
    SAME_AGENT = "the agent that the event names"
    ALL = "all agents of the session"


class ClosingEvent(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An event that ends calls. It is kept for a minute, because the start of a call may be read after it."""

    name: str
    opens: bool
    time_us: int | None
    agent_id: str = ""
    turn: str = ""

    @property
    def ends_process(self) -> bool:
        """Whether it ends the calls of all agents."""
        return CLOSERS[self.name].scope is Scope.ALL


class Closer(msgspec.Struct, frozen=True):
    """Which open calls an event ends, and with which outcome unless the call has a fallback.

    `own_turn` is False if the event ends no calls of the turn that it belongs to.
    """

    scope: Scope
    outcome: Outcome = Outcome.UNKNOWN
    details: tuple[str, ...] = ()
    ends_turn: bool = True
    own_turn: bool = True

    def closes(self, call: OpenCall, event: ClosingEvent) -> bool:
        """Whether the event ends the call."""
        if self.scope is Scope.MAIN_AGENT and call.agent_id:
            return False
        if self.scope is Scope.SAME_AGENT and call.agent_id != event.agent_id:
            return False
        if not self.own_turn and call.turn and call.turn == event.turn:
            return False
        if call.started_us is None or event.time_us is None:
            return True
        return call.started_us + event.opens <= event.time_us  # of lines with the same time, a start follows an opening

    def outcome_of(self, call: OpenCall, event: ClosingEvent) -> Outcome:
        """The outcome of a call that the event ends; only an interrupted turn is not over before the next one is."""
        of_main = self.scope is not Scope.ALL and not call.agent_id
        is_of_other_turn = bool(call.turn and event.turn and call.turn != event.turn)
        return Outcome.INTERRUPTED if of_main and is_of_other_turn else self.outcome


# An interrupted turn fires no Stop; a call that is still open when a prompt begins the next turn shows it, but not one
# that was submitted while the turn was running, and became part of it. A session that starts or
# resumes with open calls has lost its process. A call without an end that permission was requested for was denied if
# its turn ended; if its process ended, it may have been running.
CLOSERS = {
    "UserPromptSubmit": Closer(Scope.MAIN_AGENT, Outcome.INTERRUPTED, own_turn=False),
    "Stop": Closer(Scope.MAIN_AGENT),
    "StopFailure": Closer(Scope.SAME_AGENT),  # of a sub-agent if it names one
    "SubagentStop": Closer(Scope.SAME_AGENT),
    "TaskStop": Closer(Scope.SAME_AGENT, Outcome.INTERRUPTED),  # of the sub-agent that it stops
    "SessionEnd": Closer(Scope.ALL, ends_turn=False),
    "SessionStart": Closer(Scope.ALL, details=("startup", "resume"), ends_turn=False),
}


def closing_events(record: HookRecord) -> tuple[ClosingEvent, ...]:
    """The event of a record, if it ends calls."""
    closer = CLOSERS.get(record.event)
    if closer is None or (closer.details and record.detail not in closer.details):
        return ()
    opens = record.phase is Phase.OPENING
    return (ClosingEvent(record.event, opens, record.time_us, record.agent_id, record.turn),)


def recent_events(events: list[ClosingEvent], event: ClosingEvent) -> list[ClosingEvent]:
    """The events of the last minute, by their time, after one more; those without a time are left out."""
    if event.time_us is None:
        return events
    found = [*events, event]
    if events and event.time_us < TIME(events[-1]):
        found.sort(key=TIME)
    since_us = TIME(found[-1]) - SETTLE_US
    return found[bisect_left(found, since_us, key=TIME) :]
