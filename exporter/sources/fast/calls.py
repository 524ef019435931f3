"""Pairs starts and ends by call id, column by column, because a Python loop over the calls would be slow."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from itertools import chain, count
from operator import attrgetter, eq, le
from typing import NamedTuple, cast

import msgspec

from exporter.model.bounds import MAX_CALL_US, is_plausible_time
from exporter.model.clock import EPOCH, in_us
from exporter.model.records import MAIN_AGENT, NO_PROJECT, UNNAMED_AGENT, HookRecord, Outcome, Project
from exporter.sources.asked_calls import QUESTION_TOOLS
from exporter.sources.call_hours import HOUR_US, CallEnd, EndKind, bucket_of
from exporter.sources.code_changes import code_change, code_hours
from exporter.sources.error_categories import categorize, failure_outcome
from exporter.sources.fast.lines import FastEnd, FastStart
from exporter.sources.fast.runs import active_spans, calls_of_background, may_seem_ended
from exporter.sources.formats import OldEnd, OldStart, PayloadLine
from exporter.sources.hook_records import error_text
from exporter.sources.paired_calls import PairedCalls
from exporter.sources.projects import project_of
from exporter.sources.tool_results import ToolResult

CALL_ID, SESSION, TIME, AGENT_ID = map(attrgetter, ("call_id", "session", "time", "agent_id"))
DURATION, CALLER = attrgetter("duration_ms"), attrgetter("tool", "agent_id", "agent")
RESPONSE = attrgetter("tool_response")
PLACE = attrgetter("project_dir", "cwd", "transcript_path")


class FastPairs(NamedTuple):
    """Paired calls, and the line numbers of starts and ends for the plain path, most of them without a counterpart."""

    calls: PairedCalls
    lone_starts: list[int]
    lone_ends: list[int]


class _FallBack(Exception):  # noqa: N818 - not an error: the plain path takes over
    """The plain path might give another result."""


def pair_fast(
    starts: Sequence[FastStart], ends: Sequence[FastEnd], events: Sequence[HookRecord], session: str
) -> FastPairs | None:
    """Pair the calls with both a start and an end; None if the plain path might give another result."""
    try:
        return _pair(starts, ends, events, session)
    except _FallBack:
        return None


def _pair(
    starts: Sequence[FastStart], ends: Sequence[FastEnd], events: Sequence[HookRecord], session: str
) -> FastPairs:
    start_numbers, end_ids = dict(zip(map(CALL_ID, starts), count(), strict=False)), [*map(CALL_ID, ends)]
    ended = set(end_ids)
    _require(len(start_numbers) == len(starts) and len(ended) == len(ends) and "\n" not in "".join(end_ids))
    _require({"", session}.issuperset(map(SESSION, starts)) and {"", session}.issuperset(map(SESSION, ends)))
    start_times, end_times = _moments(starts), _moments(ends)
    first, last = _span(start_times, end_times)
    places = _places(starts, ends)
    transcripts = {transcript for _, _, transcript in places if transcript}
    calls = PairedCalls(first, last, _project(places, events), transcripts)
    active = active_spans(ends, end_times)
    _require(not may_seem_ended(starts, ends, events, active))
    calls.active_us = {span.agent_id: span.last_us for span in active}
    lone_starts: list[int] = []
    lone_ends: list[int] = []
    asking = QUESTION_TOOLS | {event.tool for event in events if event.event == "PermissionRequest"}
    plain = calls_of_background(ends) | {end.call_id for end in ends if end.tool in asking}
    if plain or start_numbers.keys() != ended:
        alone = (start_numbers.keys() ^ ended) | plain
        lone_starts = [n for n, line in enumerate(starts) if line.call_id in alone]
        lone_ends = [n for n, call_id in enumerate(end_ids) if call_id in alone]
        paired = [n for n, call_id in enumerate(end_ids) if call_id not in alone]
        ends, end_times = [ends[n] for n in paired], [end_times[n] for n in paired]
        end_ids = [end_ids[n] for n in paired]
    calls.call_ids = end_ids
    numbers = [start_numbers[call_id] for call_id in end_ids]
    starts, start_times = [*map(starts.__getitem__, numbers)], [*map(start_times.__getitem__, numbers)]
    _require(all(map(le, start_times, end_times)) and _same_agents(starts, ends))
    _require(_undisturbed(events, ended, last))
    if ends:
        durations_us, failed = _durations_us(ends, start_times, end_times), _failed(ends)
        hours = _hours(end_times, first, last)
        _add_ends(ends, hours, durations_us, failed, calls)
        _add_changes(ends, hours, failed, calls)
    return FastPairs(calls, lone_starts, lone_ends)


def _require(condition: bool) -> None:
    if not condition:
        raise _FallBack


def _moments(lines: Sequence[FastStart] | Sequence[FastEnd]) -> list[datetime]:
    """The time of each line, parsed as on the plain path."""
    try:
        return [*map(datetime.fromisoformat, map(TIME, lines))]
    except ValueError as error:
        raise _FallBack from error


def _span(start_times: Sequence[datetime], end_times: Sequence[datetime]) -> tuple[int, int]:
    """The first and last time; falls back to the plain path if one has no UTC offset or is implausible."""
    try:
        first = min(*start_times, *end_times) - EPOCH
        last = max(*start_times, *end_times) - EPOCH
    except (TypeError, OverflowError) as error:
        raise _FallBack from error
    first_us, last_us = in_us(first), in_us(last)
    _require(is_plausible_time(first_us) and is_plausible_time(last_us))
    return first_us, last_us


def _places(starts: Sequence[FastStart], ends: Sequence[FastEnd]) -> set[tuple[str, str, str]]:
    """The combinations of project directory, working directory and transcript in the lines."""
    payloads = chain.from_iterable(lines for lines in (starts, ends) if isinstance(lines[0], PayloadLine))
    return set(map(PLACE, payloads))


def _project(places: set[tuple[str, str, str]], events: Sequence[HookRecord]) -> Project:
    """The project that the lines name, a certain one if there is any; falls back if they name several."""
    named = {*(project_of(*place) for place in places), *(event.project for event in events)} - {NO_PROJECT}
    projects = {project for project in named if project.is_certain} or named
    _require(len(projects) <= 1)
    return projects.pop() if projects else NO_PROJECT


def _same_agents(starts: Sequence[FastStart], ends: Sequence[FastEnd]) -> bool:
    if ends and isinstance(starts[0], OldStart) and isinstance(ends[0], OldEnd):
        return True  # this format has no agent ids
    return all(map(eq, map(AGENT_ID, starts), map(AGENT_ID, ends)))


def _durations_us(ends: Sequence[FastEnd], start_times: Sequence[datetime], end_times: Sequence[datetime]) -> list[int]:
    milliseconds = [*map(DURATION, ends)]
    if None not in milliseconds:
        return [value * 1000 for value in milliseconds]
    durations_us = [
        in_us(ended - started) if value is None else value * 1000
        for value, started, ended in zip(milliseconds, start_times, end_times, strict=True)
    ]
    _require(max(durations_us) <= MAX_CALL_US)
    return durations_us


def _hours(times: Sequence[datetime], first_us: int, last_us: int) -> list[int]:
    """The hour of each time, all of which are between two times, mostly within few hours."""
    first, last = first_us // HOUR_US, last_us // HOUR_US
    later = [EPOCH + timedelta(hours=hour) for hour in range(first + 1, last + 1)]
    return [first + bisect_right(later, time) for time in times]


def _add_ends(
    ends: Sequence[FastEnd], hours: Sequence[int], durations_us: Sequence[int], failed: Set[int], calls: PairedCalls
) -> None:
    """Add every call by how it ended."""
    found: list[CallEnd] = [*zip(hours, map(bucket_of, durations_us), strict=True)]
    by_caller = defaultdict(list)
    for number, caller in enumerate(map(CALLER, ends)):
        by_caller[caller].append(number)
    for (tool, agent_id, agent), numbers in by_caller.items():
        calls.durations_us[tool] += [durations_us[number] for number in numbers]
        if succeeded := [found[number] for number in numbers if number not in failed]:
            calls.ends[EndKind(tool, _agent(agent_id, agent), Outcome.SUCCESS, None)] += succeeded
    for number in failed:
        end, (outcome, error) = ends[number], _failure(ends[number])
        category = categorize(error) if outcome is Outcome.ERROR else None
        calls.ends[EndKind(end.tool, _agent(end.agent_id, end.agent), outcome, category)].append(found[number])


def _add_changes(ends: Sequence[FastEnd], hours: Sequence[int], failed: Set[int], calls: PairedCalls) -> None:
    """Add what the calls changed that succeeded."""
    for number, result in enumerate(map(RESPONSE, ends)):
        if result.__class__ is ToolResult and number not in failed and (change := code_change(result)):
            calls.code.update(dict(code_hours(change, hours[number])))


def _failed(ends: Sequence[FastEnd]) -> set[int]:
    """The numbers of the ends of calls that did not succeed."""
    if isinstance(ends[0], OldEnd):
        old = cast("Sequence[OldEnd]", ends)  # all lines of a file are of one format
        return {n for n, end in enumerate(old) if end.has_error or (end.error and end.has_error is None)}
    return {
        n
        for n, end in enumerate(ends)
        if end.error
        or end.event == "PostToolUseFailure"
        or (end.tool_response.__class__ is ToolResult and end.tool_response.interrupted is True)
    }


def _failure(end: FastEnd) -> tuple[Outcome, str]:
    if isinstance(end, OldEnd):
        error = error_text(end.error or _preview(end))
        return failure_outcome(error), error
    if end.error:
        error = error_text(end.error)
        return failure_outcome(error, interrupted=end.is_interrupt is True), error
    _require(end.event != "PostToolUseFailure")  # the plain path also reads the error from the response
    return Outcome.INTERRUPTED, ""


def _preview(end: OldEnd) -> object:
    try:
        return msgspec.json.decode(end.output_preview) if end.output_preview else ""
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _FallBack from error


def _agent(agent_id: str | None, agent: str) -> str:
    """The agent of a call; `agent_id` is None in the format without ids."""
    if agent_id == "":
        return MAIN_AGENT
    return agent or (UNNAMED_AGENT if agent_id else MAIN_AGENT)


def _undisturbed(events: Sequence[HookRecord], ended: Set[str], last_us: int) -> bool:
    """Whether no event ends the session before its last call, or one of these calls before its own end."""
    return all(
        event.time_us is not None
        and event.call_id not in ended
        and not (event.event == "SessionEnd" and event.time_us < last_us)
        for event in events
    )
