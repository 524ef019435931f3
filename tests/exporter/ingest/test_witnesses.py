"""Hooks and transcripts of the same sessions: each fact counts once, whatever is read first."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.counting.catalog import SESSION_DURATION, SESSIONS_STARTED, TOOL_CALL_DURATION, TOOL_ERRORS
from tests.exporter.ingest.witnesses import (
    COST_STATE,
    REJECTED,
    TRANSCRIPT,
    Machine,
    Totals,
    Written,
    answered,
    hook,
    hooked_call,
    hooked_end,
    said,
    used,
)
from tests.support.transcript_lines import SESSION, SLUG, prompt_line, result_line, use_line, user_line

FILLED_IN = "[Tool call interrupted: the session ended before this call's result was recorded]"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def spans(totals: Totals, histogram: str, *labels: str) -> tuple[int, int]:
    """The number of values in a histogram, and their sum in microseconds."""
    *counts, total = totals[histogram, labels]
    return sum(counts), total


def test_a_transcript_of_the_future_counts_at_once_and_keeps_no_session_active(machine: Machine) -> None:
    machine.write(*(line._replace(text=line.text.replace("2026-11-22", "2099-11-22")) for line in (
        used(1, 1, "a"), answered(3, "a"), used(4, 2, "b"), answered(5, "b", error="Exit code 2"), said(9, COST_STATE)
    )))  # fmt: skip
    machine.second = 600
    assert machine.calls() == {"success": 1, "error": 1}
    with machine.meter() as meter:
        assert [one for one in meter.recent_sessions() if one.last_us > meter.clock()] == []


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
