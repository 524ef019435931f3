"""What hooks and transcripts report of one session, as one list of events in which each happens once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from exporter.model.records import LoggedCall, Witness
from exporter.model.session_events import EventKind, SessionEvent
from exporter.sources.asked_calls import answered_at

MAX_PARALLEL = 100  # calls of one tool by one agent that may wait at the same time
RUNNING = "running"
# Both witnesses report these, without a common id: by text, and by agent. Hooks report no retries.
REPORTED_TWICE: dict[EventKind, Callable[[SessionEvent], str]] = {
    EventKind.PROMPT: lambda event: event.text.strip(),
    EventKind.COMPACTION: lambda event: event.agent_id,
    EventKind.API_ERROR: lambda event: f"{event.detail} {event.agent_id}",
}


def merged_events(events: Iterable[SessionEvent]) -> list[SessionEvent]:
    """All events once, in chronological order.

    There are as many prompts with a text, and as many API errors, as the witness reports that reports most. Compactions
    are those of the transcript, if it has any: hooks announce some again that Claude Code has left for later.
    """
    found: list[SessionEvent] = []
    alike: dict[tuple[EventKind, str], dict[Witness, list[SessionEvent]]] = {}
    for event in _once(events):
        name = REPORTED_TWICE.get(event.kind)
        if name is None:
            found.append(event)
        else:
            alike.setdefault((event.kind, name(event)), {}).setdefault(event.witness, []).append(event)
    for witnesses in alike.values():
        reported = witnesses.get(Witness.TRANSCRIPT, [])
        by_hooks = witnesses.get(Witness.HOOK, [])
        is_compaction = any(event.kind is EventKind.COMPACTION for event in reported)
        found += reported if is_compaction or len(reported) >= len(by_hooks) else by_hooks
    return sorted(found, key=lambda event: event.time_us)


def _once(events: Iterable[SessionEvent]) -> Iterable[SessionEvent]:
    """The events without copies of their lines; the lines of one API message may be in several files."""
    copies: dict[object, SessionEvent] = {}
    for event in events:
        name = (event.kind, event.key or event.request) if event.key or event.request else event
        known = copies.get(name)
        if known is None or (event.text and not known.text):
            copies[name] = event
    return copies.values()


def with_waits(events: Sequence[SessionEvent], calls: Iterable[LoggedCall]) -> list[SessionEvent]:
    """The events, with the end of each wait for permission and the outcome of the call that waited."""
    waiting = _by_caller(calls)
    return [
        _with_wait(event, waiting.get((event.agent_id, event.tool), []))
        if event.kind is EventKind.PERMISSION
        else event
        for event in events
    ]


def _by_caller(calls: Iterable[LoggedCall]) -> dict[tuple[str, str], list[LoggedCall]]:
    """The calls with a known start by agent and tool, in the order of their starts."""
    found: dict[tuple[str, str], list[LoggedCall]] = {}
    for logged in calls:
        if logged.call.started_us is not None:
            found.setdefault((logged.call.agent_id, logged.call.tool), []).append(logged)
    return found


def _with_wait(event: SessionEvent, calls: list[LoggedCall]) -> SessionEvent:
    """The event with what is known of the call that waits, which is removed from the others."""
    end = bisect_right(calls, event.time_us, key=lambda logged: logged.call.started_us or 0)
    indexes = [index for index in range(max(0, end - MAX_PARALLEL), end) if _may_wait(calls[index], event.time_us)]
    if not indexes:
        return event
    logged = calls.pop(next((index for index in indexes if calls[index].call.input == event.input), indexes[0]))
    if logged.running:
        return replace(event, detail=RUNNING)
    return replace(event, detail=logged.call.outcome.value, until_us=answered_at(logged.call, event.time_us))


def _may_wait(logged: LoggedCall, time_us: int) -> bool:
    """Whether a call that has started had not ended at a time."""
    return logged.running or logged.call.ended_us is None or logged.call.ended_us >= time_us
