"""What the calls of a new session mean for its sub-agents and background work, which the plain path follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from exporter.model.clock import EPOCH, in_us
from exporter.model.records import HookRecord
from exporter.sources.background import AGENT_TOOLS, LAUNCHING_TOOLS, STOPPING_TOOLS, launched_command
from exporter.sources.closers import CLOSERS, ClosingEvent, Scope, closing_events
from exporter.sources.fast.lines import FastEnd, FastStart
from exporter.sources.formats import OldEnd
from exporter.sources.timestamps import to_us
from exporter.sources.tool_results import ToolResult

TOOL, AGENT_ID = attrgetter("tool"), attrgetter("agent_id")
TOOLS_OF_RUNS = LAUNCHING_TOOLS | STOPPING_TOOLS
NEVER_US = 1 << 62


class AgentSpan(NamedTuple):
    """When a sub-agent was active, or how long its caller may have waited for it."""

    agent_id: str
    first_us: int
    last_us: int


def calls_of_background(ends: Sequence[FastEnd]) -> set[str]:
    """The ids of the calls that may launch or stop work in the background."""
    found: set[str] = set()
    if not TOOLS_OF_RUNS.isdisjoint(map(TOOL, ends)):
        found.update(end.call_id for end in ends if end.tool in TOOLS_OF_RUNS)
    if not isinstance(ends[0], OldEnd):  # all lines of a file are of one format
        results = [(end.call_id, result) for end in ends if isinstance(result := end.tool_response, ToolResult)]
        found.update(call_id for call_id, result in results if result.background_task_id and launched_command(result))
    return found


def may_seem_ended(
    starts: Sequence[FastStart], ends: Sequence[FastEnd], events: Sequence[HookRecord], active: Sequence[AgentSpan]
) -> bool:
    """Whether an event may seem to end a run that later calls of its sub-agent show to continue."""
    if not active:
        return False
    closing = [event for record in events for event in closing_events(record)]
    waits = _waits(starts, ends)
    return any(
        span.first_us <= (event.time_us or 0) < span.last_us and _concerns(event, span)
        for event in closing
        for span in (active if CLOSERS[event.name].scope is Scope.ALL else waits)
    )


def _concerns(event: ClosingEvent, span: AgentSpan) -> bool:
    scope = CLOSERS[event.name].scope
    return scope is Scope.ALL or span.agent_id == ("" if scope is Scope.MAIN_AGENT else event.agent_id)


def _waits(starts: Sequence[FastStart], ends: Sequence[FastEnd]) -> list[AgentSpan]:
    """The calls that may have waited for a sub-agent, with their callers."""
    ended = {end.call_id: to_us(end.time) for end in ends if end.tool in AGENT_TOOLS}
    return [
        AgentSpan(start.agent_id or "", to_us(start.time) or 0, ended.get(start.call_id) or NEVER_US)
        for start in starts
        if start.tool in AGENT_TOOLS
    ]


def active_spans(ends: Sequence[FastEnd], end_times: Sequence[datetime]) -> list[AgentSpan]:
    """Each sub-agent, from its first call to its last."""
    if not any(map(AGENT_ID, ends)):
        return []
    times: dict[str, list[datetime]] = {}
    for end, time in zip(ends, end_times, strict=True):
        if end.agent_id:
            times.setdefault(end.agent_id, []).append(time)
    spans = {agent_id: (min(ended) - EPOCH, max(ended) - EPOCH) for agent_id, ended in times.items()}
    return [AgentSpan(agent_id, in_us(first), in_us(last)) for agent_id, (first, last) in spans.items()]
