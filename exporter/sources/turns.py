"""The turns of the main agent: which records report that one has started or ended."""

from __future__ import annotations

from enum import IntEnum

from exporter.model.records import HookRecord
from exporter.model.sessions import Session

TURN_END = "TurnEnd"  # no hook, but what the last answer of a turn in a transcript reports
IDLE_PROMPT = "idle_prompt"  # the type of the notification after a minute without a prompt
OPENINGS = frozenset({"startup", "resume", "clear"})  # of a session, not of its context after a compaction


class Turn(IntEnum):
    """What happens to the turn, and the index of its time in `Session.tallies`."""

    STARTS = 0
    ENDS = 1
    OPENS = 2  # the session is opened: it has no turn yet


def apply_turn(record: HookRecord, session: Session) -> None:
    """Apply to its session what a record reports of the turn."""
    change = turn_change(record)
    if change is not None and record.time_us is not None:
        session.mark_turn(change, record.time_us)


def turn_change(record: HookRecord) -> Turn | None:
    """What a record reports of the turn of the main agent; None if nothing."""
    if record.agent_id:
        return None
    match record.event:
        case "UserPromptSubmit":  # without a prompt, it is the trace of an interruption or of a shell command
            return Turn.STARTS if record.prompt else Turn.ENDS
        case "Stop" | "StopFailure" | "TurnEnd":
            return Turn.ENDS
        case "Notification":
            return Turn.ENDS if record.detail == IDLE_PROMPT else None
        case "SessionStart":
            return Turn.OPENS if record.detail in OPENINGS else None
    return None
