"""Hooks and transcripts of the same sessions: each fact counts once, whatever is read first."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.counting.catalog import SESSION_DURATION, SESSIONS_STARTED, TOOL_CALL_DURATION, TOOL_CALLS, TOOL_ERRORS
from exporter.counting.totals import Key
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.sources.timestamps import to_us
from tests.support.transcript_lines import NOON, SESSION, SLUG, prompt_line, result_line, use_line, user_line, write

TRANSCRIPT = f"projects/{SLUG}/{SESSION}.jsonl"
MAX_LATENESS = 50.0
FILLED_IN = "[Tool call interrupted: the session ended before this call's result was recorded]"
REJECTED = "The user doesn't want to proceed with this tool use."


Totals = dict[Key, tuple[int, ...]]  # the value of a counter, or the buckets of a histogram and its sum


class Written(NamedTuple):
    """A line of a file, at the second of its own time."""

    second: float
    file: str
    text: str


class Machine:
    """Files of both witnesses, with a clock and a ledger that survives restarts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.second = 0.0

    def write(self, *lines: Written) -> None:
        for line in lines:
            path = write(self.directory / line.file, line.text)
            os.utime(path, ns=(self._now() * 1000, self._now() * 1000))

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        """A meter as after a restart."""
        roots = [str(self.directory / "projects")]
        with open_ledger(self.directory / "data", 200) as ledger:
            yield Meter([str(self.directory / "sessions")], ledger, self._now, transcript_roots=roots)

    def totals(self) -> Totals:
        """All totals after reading what is new."""
        with self.meter() as meter:
            meter.catch_up()
            totals = meter.ledger.state.totals
            counters: Totals = {key: (value,) for key, value in totals.counters.items()}
            return counters | {key: (*each.counts, each.sum) for key, each in totals.distributions.items()}

    def calls(self) -> dict[str, int]:
        """The number of calls by outcome."""
        return {str(key[1][2]): value for key, (value, *_) in self.totals().items() if key[0] == TOOL_CALLS.name}

    def _now(self) -> int:
        return to_us((NOON + timedelta(seconds=self.second)).isoformat()) or 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def hook(second: float, event: str, **fields: object) -> Written:
    name = {"PreToolUse": "pre_tool_use", "PostToolUse": "post_tool_use", "PostToolUseFailure": "post_tool_use"}
    moment = (NOON + timedelta(seconds=second)).isoformat()
    line = {"logged_at": moment, "session_id": SESSION, "hook_event_name": event, "project_dir": "/home/dev/shop"}
    return Written(
        second, f"sessions/{SESSION}/{name.get(event, 'events')}.jsonl", json.dumps({**line, **fields}) + "\n"
    )


def hooked_call(second: float, call_id: str, tool: str = "Bash") -> Written:
    return hook(second, "PreToolUse", tool_name=tool, tool_use_id=call_id, tool_input={"command": call_id})


def hooked_end(second: float, call_id: str, took: float, *, error: str = "", tool: str = "Bash") -> Written:
    event = "PostToolUseFailure" if error else "PostToolUse"
    fields = {"tool_name": tool, "tool_use_id": call_id, "tool_input": {"command": call_id}}
    return hook(second, event, **fields, duration_ms=round(took * 1000), **({"error": error} if error else {}))


def said(second: float, text: str) -> Written:
    return Written(second, TRANSCRIPT, text)


def spans(totals: Totals, histogram: str, *labels: str) -> tuple[int, int]:
    """The number of values in a histogram, and their sum in microseconds."""
    *counts, total = totals[histogram, labels]
    return sum(counts), total


def used(second: float, number: int, call_id: str, tool: str = "Bash") -> Written:
    return said(second, use_line(number, call_id, tool, second=second))


def answered(second: float, call_id: str, **fields: object) -> Written:
    return said(second, result_line(call_id, second=second, **fields))  # type: ignore[arg-type] # a test's arguments


def test_a_transcript_of_the_future_counts_at_once_and_keeps_no_session_active(machine: Machine) -> None:
    machine.write(*(line._replace(text=line.text.replace("2026-11-22", "2099-11-22")) for line in (
        used(1, 1, "a"), answered(3, "a"), used(4, 2, "b"), answered(5, "b", error="Exit code 2"), said(9, COST_STATE)
    )))  # fmt: skip
    machine.second = 600
    assert machine.calls() == {"success": 1, "error": 1}
    with machine.meter() as meter:
        assert [one for one in meter.recent_sessions() if one.last_us > meter.clock()] == []


COST_STATE = f'{{"type":"cost-state","sessionId":"{SESSION}","modelUsage":{{}}}}\n'


def test_a_session_without_hooks_is_counted_from_its_transcript(machine: Machine) -> None:
    machine.write(
        said(0, user_line()),
        used(1, 1, "a"), answered(3, "a"),
        used(4, 2, "b"), answered(5, "b", error="Exit code 2"),
        used(6, 3, "c"), answered(7, "c", error=REJECTED, toolDenialKind="permission-rule"),
        said(9, COST_STATE),
    )  # fmt: skip
    machine.second = 600
    totals = machine.totals()
    assert totals[SESSIONS_STARTED.name, ("shop",)] == (1,)
    assert totals[TOOL_ERRORS.name, ("Bash", "command_failed")] == (1,)
    assert machine.calls() == {"success": 1, "error": 1, "denied": 1}
    assert spans(totals, TOOL_CALL_DURATION.name, "Bash") == (2, 3_000_000)
    assert spans(totals, SESSION_DURATION.name) == (1, 6_000_000)


def without_project(line: Written) -> Written:
    return line._replace(text=line.text.replace(', "project_dir": "/home/dev/shop"', ""))


def test_a_session_whose_hooks_name_no_project_has_that_of_its_transcript(machine: Machine) -> None:
    machine.write(without_project(hooked_call(1, "a")), without_project(hooked_end(2, "a", 1)))
    machine.second = 30
    assert SESSIONS_STARTED.name not in {name for name, _ in machine.totals()}
    machine.write(used(31, 1, "b"), answered(32, "b"))
    for machine.second in (40, 600):
        started = {key: value for key, value in machine.totals().items() if key[0] == SESSIONS_STARTED.name}
        assert started == {(SESSIONS_STARTED.name, ("shop",)): (1,)}


def test_a_session_whose_project_nothing_names_counts_as_unknown_after_a_minute(machine: Machine) -> None:
    machine.write(without_project(hook(0, "UserPromptSubmit")))
    machine.second = 61
    assert machine.totals()[SESSIONS_STARTED.name, ("unknown",)] == (1,)


def test_the_hook_knows_how_long_a_call_took_and_the_transcript_what_hooks_leave_open(machine: Machine) -> None:
    machine.write(
        used(1, 1, "a"), answered(9, "a"), hooked_call(1, "a"), hooked_end(9, "a", 2.5),
        used(10, 2, "b"), answered(12, "b", error=REJECTED, toolDenialKind="user-rejected"), hooked_call(10, "b"),
        hook(20, "Stop"),
    )  # fmt: skip
    machine.second = 600
    totals = machine.totals()
    assert machine.calls() == {"success": 1, "interrupted": 1}
    assert spans(totals, TOOL_CALL_DURATION.name, "Bash") == (2, 4_500_000)


def test_the_outcome_of_a_call_whose_process_was_killed_is_unknown_to_both_witnesses(machine: Machine) -> None:
    killed = [used(1, 1, "a"), hooked_call(1, "a")]
    resumed = [
        hook(400, "SessionStart", source="resume"),
        answered(401, "a", error=FILLED_IN, toolDenialKind="interrupted"),
        said(402, prompt_line("again", second=402)), hook(402, "UserPromptSubmit", prompt="again"),
    ]  # fmt: skip
    for witness in (TRANSCRIPT, "sessions", ""):
        machine.directory /= "next"
        machine.write(*(line for line in (*killed, *resumed) if line.file.startswith(witness)))
        machine.second = 600
        totals = machine.totals()
        assert machine.calls() == {"unknown": 1}
        assert (TOOL_CALL_DURATION.name, ("Bash",)) not in totals


def test_what_was_filled_in_gives_way_to_a_result_of_a_process_that_runs_in_parallel(machine: Machine) -> None:
    machine.write(used(1, 1, "a"), answered(9, "a", error=FILLED_IN, toolDenialKind="interrupted"), answered(12, "a"))
    machine.second = 600
    assert machine.calls() == {"success": 1}


def test_a_call_is_counted_a_minute_after_the_transcript_reports_its_end(machine: Machine) -> None:
    machine.write(used(1, 1, "a"), answered(3, "a"))
    machine.second = 62
    assert machine.calls() == {}
    with machine.meter() as meter:
        assert meter.running_tools() == []
    machine.second = 64
    assert machine.calls() == {"success": 1}


def test_a_call_of_a_fork_that_its_parent_made_counts_once(machine: Machine) -> None:
    lines = [used(1, 1, "a"), answered(3, "a")]
    machine.write(*lines)
    machine.second = 600
    machine.totals()
    machine.write(
        *(Written(0, f"projects/{SLUG}/fork.jsonl", line.text.replace(SESSION, "fork")) for line in lines),
        Written(0, f"projects/{SLUG}/fork.jsonl", use_line(2, "b", second=400, sessionId="fork")),
        Written(0, f"projects/{SLUG}/fork.jsonl", result_line("b", second=401, sessionId="fork")),
    )
    assert machine.calls() == {"success": 2}
    assert machine.totals()[SESSIONS_STARTED.name, ("shop",)] == (2,)


class Call(NamedTuple):
    """A generated call; `kind` is what became of it."""

    kind: str
    pause: float
    took: float
    tool: str
    ends_turn: bool


CALLS = st.builds(
    Call,
    st.sampled_from(["success", "error", "denied", "interrupted", "killed", "invalid", "unhooked"]),
    st.floats(0.01, 90).map(lambda value: round(value, 2)),
    st.floats(0.01, 90).map(lambda value: round(value, 2)),
    st.sampled_from(["Bash", "Read"]),
    st.booleans(),
)


def lines_of(calls: list[Call], *, ends: bool) -> list[Written]:
    """What both witnesses write of a session with these calls."""
    lines, second = [hook(0, "SessionStart", source="startup"), hook(0.1, "UserPromptSubmit", prompt="go")], 0.2
    for number, (kind, pause, took, tool, ends_turn) in enumerate(calls):
        call_id, second = f"toolu_{number}", second + pause
        end = second + took
        lines.append(used(second, number, call_id, tool))
        if kind not in {"invalid", "unhooked"}:
            lines.append(hooked_call(second + 0.005, call_id, tool))
        lines += {
            "success": [hooked_end(end, call_id, took, tool=tool), answered(end + 0.005, call_id)],
            "error": [
                hooked_end(end, call_id, took, error="Exit code 1", tool=tool),
                answered(end + 0.005, call_id, error="Exit code 1"),
            ],
            "denied": [
                hook(second + 0.006, "PermissionRequest", tool_name=tool, tool_input={"command": call_id}),
                answered(end, call_id, error=REJECTED, toolDenialKind="user-rejected", toolDenialBeforeRun=True),
            ],
            "interrupted": [answered(end, call_id, error=REJECTED, toolDenialKind="user-rejected")],
            "invalid": [answered(end, call_id, error="<tool_use_error>InputValidationError: x</tool_use_error>")],
            "unhooked": [answered(end, call_id)],
            "killed": [],
        }[kind]
        second = end + 0.01
        if ends_turn or kind in {"interrupted", "killed"}:
            lines += [hook(second, "Stop")] if ends_turn else []
            lines.append(hook(second + 0.1, "UserPromptSubmit", prompt="next"))
            second += 0.2
    if ends:
        lines += [hook(second, "SessionEnd", reason="exit"), said(second, COST_STATE)]
    return lines


def arrivals(lines: list[Written], lateness: list[float]) -> list[tuple[float, Written]]:
    """When each line is written: late by up to `MAX_LATENESS`, in the order of its witness."""
    last: dict[str, float] = {}
    found = []
    for number, line in enumerate(sorted(lines)):
        witness, late = line.file.partition("/")[0], lateness[number % len(lateness)] if lateness else 0.0
        last[witness] = max(last.get(witness, 0.0), line.second + late)
        found.append((last[witness], line))
    return sorted(found, key=lambda arrival: arrival[0])


@settings(max_examples=100, derandomize=True)
@given(
    st.lists(CALLS, min_size=1, max_size=6),
    st.booleans(),
    st.lists(st.floats(0, MAX_LATENESS), max_size=12),
    st.lists(st.booleans(), min_size=1, max_size=9),
)
def test_any_order_of_lines_and_restarts_ends_in_the_same_totals(
    calls: list[Call], ends: bool, lateness: list[float], reads: list[bool]
) -> None:
    lines = lines_of(calls, ends=ends)
    assert_any_order_ends_alike(lines, arrivals(lines, lateness), reads, max(line.second for line in lines))


def assert_any_order_ends_alike(
    in_order: list[Written], arriving: list[tuple[float, Written]], reads: list[bool], last_second: float
) -> None:
    """Lines that are read as they arrive give the totals of lines that are read in order, and no total ever falls."""
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
        at_once, in_parts = Machine(Path(whole)), Machine(Path(parts))
        at_once.second = last_second + MAX_LATENESS
        at_once.write(*in_order)
        totals = _totals_on_the_way(in_parts, arriving, reads)
        at_once.second = in_parts.second = last_second + 3_600
        totals.append(in_parts.totals())
        assert totals[-1] == at_once.totals()
    for before, after in pairwise(totals):
        assert all(value <= later for key in before for value, later in zip(before[key], after[key], strict=True))


def _totals_on_the_way(machine: Machine, arriving: list[tuple[float, Written]], reads: list[bool]) -> list[Totals]:
    totals: list[Totals] = []
    for (second, line), is_read in zip(arriving, cycle(reads), strict=False):
        machine.second = second
        machine.write(line)
        if is_read:
            totals.append(machine.totals())
    return totals
