"""The events that imply the end of calls whose own end is never logged."""

from __future__ import annotations

from enum import Enum

import msgspec

from exporter.model.records import HookRecord, Outcome
from exporter.sources.open_calls import OpenCall


class Scope(Enum):
    """Which agents' open calls an event ends."""

    MAIN_AGENT = "the main agent"
    SAME_AGENT = "the agent that the event names"
    ALL = "all agents of the session"


class Closer(msgspec.Struct, frozen=True):
    """Which open calls an event ends, and with which outcome unless the call has a fallback.

    `own_turn` is False if the event ends no calls of the turn that it belongs to.
    """

    scope: Scope
    outcome: Outcome = Outcome.UNKNOWN
    details: tuple[str, ...] = ()
    ends_turn: bool = True
    own_turn: bool = True

    def closes(self, call: OpenCall, event: HookRecord) -> bool:
        """Whether the event ends the call."""
        if self.scope is Scope.MAIN_AGENT and call.agent_id:
            return False
        if self.scope is Scope.SAME_AGENT and call.agent_id != event.agent_id:
            return False
        if not self.own_turn and call.turn and call.turn == event.turn:
            return False
        return call.started_us is None or event.time_us is None or call.started_us <= event.time_us


# An interrupted turn fires no Stop; a call that is still open when a prompt begins the next turn shows it, but not one
# that was submitted while the turn was running, and became part of it. A session that starts or
# resumes with open calls has lost its process. A call without an end that permission was requested for was denied if
# its turn ended; if its process ended, it may have been running.
CLOSERS = {
    "UserPromptSubmit": Closer(Scope.MAIN_AGENT, Outcome.INTERRUPTED, own_turn=False),
    "Stop": Closer(Scope.MAIN_AGENT),
    "StopFailure": Closer(Scope.SAME_AGENT),  # of a sub-agent if it names one
    "SubagentStop": Closer(Scope.SAME_AGENT),
    "SessionEnd": Closer(Scope.ALL, ends_turn=False),
    "SessionStart": Closer(Scope.ALL, details=("startup", "resume"), ends_turn=False),
}


def closer_of(event: HookRecord) -> Closer | None:
    """The closer of an event; None if the event ends no calls."""
    closer = CLOSERS.get(event.event)
    return closer if closer and (not closer.details or event.detail in closer.details) else None
