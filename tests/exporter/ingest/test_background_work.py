"""Sub-agents and commands in the background: whichever witness is read first, and while they run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.counting.catalog import SUBAGENT_DURATION, SUBAGENTS_ENDED, TOOL_CALL_DURATION
from exporter.model.records import SessionStatus
from exporter.model.sessions import status
from tests.exporter.ingest.scripted_session import EXPLORE, KINDS, Script, Work, notification, returned, told
from tests.exporter.ingest.test_witnesses import spans
from tests.exporter.ingest.witnesses import (
    MAX_LATENESS,
    Machine,
    Written,
    assert_any_order_ends_alike,
    hook,
    hooked_call,
    used,
)

HOUR = 3600
WITNESSES = {"hooks": ("sessions",), "transcripts": ("projects",), "both": ("sessions", "projects")}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def launched_command(second: float, call_id: str, task: str) -> list[Written]:
    response = {"stdout": "", "interrupted": False, "backgroundTaskId": task}
    return [used(second, 0, call_id), hooked_call(second, call_id), *returned(second + 0.1, call_id, response)]


def running(machine: Machine) -> tuple[dict[str, int], dict[str, int], int]:
    """The running tools and sub-agents, and the number of commands in the background."""
    with machine.meter() as meter:
        meter.catch_up()
        tools, agents = (
            {name: number for names in found for name, number in names.items()}
            for found in (meter.running_tools(), meter.running_agents())
        )
        return tools, agents, meter.background_commands()


def test_a_server_that_runs_for_hours_is_in_the_background_and_not_stuck(machine: Machine) -> None:
    machine.write(
        hook(0, "SessionStart", source="startup"), *launched_command(1, "a", "b1"), hook(3, "Stop"),
    )  # fmt: skip
    for second, state in ((60, SessionStatus.ACTIVE), (600, SessionStatus.IDLE), (5 * HOUR, SessionStatus.COMPLETED)):
        machine.second = second
        assert running(machine) == ({}, {}, 1)
        with machine.meter() as meter:
            (session,) = meter.recent_sessions()
            assert (status(session, meter.clock()), session.known_calls) == (state, 1)
    machine.write(hook(20 * HOUR, "UserPromptSubmit", prompt="still there?"), hook(20 * HOUR + 1, "Stop"))
    machine.second = 30 * HOUR
    assert (machine.calls(), running(machine)[2]) == ({}, 1)
    machine.write(*told(30 * HOUR, notification("b1", "failed", 'Background command "x" failed with exit code 3')))
    machine.second = 31 * HOUR
    totals = machine.totals()
    assert (machine.calls(), running(machine)) == ({"error": 1}, ({}, {}, 0))
    assert spans(totals, TOOL_CALL_DURATION.name, "Bash") == (1, (30 * HOUR - 1) * 1_000_000)


@pytest.mark.parametrize(("last", "hours"), [("SessionEnd", 1), ("Stop", 25)])
def test_a_command_of_a_session_that_ends_or_falls_silent_is_unknown(machine: Machine, last: str, hours: int) -> None:
    machine.write(hook(0, "SessionStart", source="startup"), *launched_command(1, "a", "b1"), hook(3, last))
    machine.second = hours * HOUR
    assert (machine.calls(), running(machine)) == ({"unknown": 1}, ({}, {}, 0))


def test_a_command_is_stopped_by_its_tool_after_a_restart(machine: Machine) -> None:
    machine.write(*launched_command(1, "a", "b1"))
    assert running(machine) == ({}, {}, 1)
    stop = {"tool_name": "TaskStop", "tool_use_id": "k", "tool_input": {"task_id": "b1"}}
    machine.write(hook(8, "PreToolUse", **stop), hook(9, "PostToolUse", **stop, tool_response={"task_id": "b1"}))
    assert running(machine) == ({}, {}, 0)
    machine.second = 600
    assert machine.calls() == {"success": 1, "interrupted": 1}


def test_a_sub_agent_runs_after_the_call_that_launched_it(machine: Machine) -> None:
    machine.write(
        hooked_call(1, "a", "Agent"), *returned(1.1, "a", {"status": "async_launched", "agentId": "a1"}, "Agent"),
        hook(1.2, "SubagentStart", agent_id="a1", **EXPLORE), hook(2, "Stop"),
    )  # fmt: skip
    machine.second = 30
    assert running(machine) == ({}, {"Explore": 1}, 0)
    machine.write(hook(41.2, "SubagentStop", agent_id="a1", **EXPLORE))
    assert running(machine) == ({}, {}, 0)
    totals = machine.totals()
    assert spans(totals, SUBAGENT_DURATION.name, "Explore") == (1, 40_000_000)
    assert totals[SUBAGENTS_ENDED.name, ("Explore", "success")] == (1,)


def test_a_session_is_active_while_a_sub_agent_works_in_silence(machine: Machine) -> None:
    machine.write(hook(1, "SubagentStart", agent_id="a1", **EXPLORE), hook(2, "Stop"))
    for minutes, state in ((30, SessionStatus.ACTIVE), (61, SessionStatus.COMPLETED)):
        machine.second = minutes * 60
        with machine.meter() as meter:
            meter.catch_up()
        with machine.meter() as meter:
            (session,) = meter.recent_sessions()
            assert status(session, meter.clock()) is state


def test_a_sub_agent_of_a_silent_session_has_ended_in_a_way_that_is_unknown(machine: Machine) -> None:
    machine.write(hook(1, "SubagentStart", agent_id="a1", **EXPLORE))
    machine.second = 25 * HOUR
    totals = machine.totals()
    assert totals[SUBAGENTS_ENDED.name, ("Explore", "unknown")] == (1,)
    assert running(machine) == ({}, {}, 0)


SECONDS = st.floats(0.1, 90).map(lambda value: round(value, 2))


def arrivals(lines: list[Written], lateness: list[float]) -> list[tuple[float, Written]]:
    """When each line is written: late by up to `MAX_LATENESS`, in the order of its witness."""
    last: dict[str, float] = {}
    found = []
    for number, line in enumerate(sorted(lines, key=lambda line: line.second)):
        witness, late = line.file.partition("/")[0], lateness[number % len(lateness)] if lateness else 0.0
        last[witness] = max(last.get(witness, 0.0), line.second + late)
        found.append((last[witness], line))
    return sorted(found, key=lambda arrival: arrival[0])


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.lists(st.builds(Work, st.sampled_from(KINDS), SECONDS, SECONDS), min_size=1, max_size=5),
    st.sampled_from(sorted(WITNESSES)),
    st.booleans(),
    st.lists(st.floats(0, MAX_LATENESS), max_size=9),
    st.lists(st.booleans(), min_size=1, max_size=9),
)
def test_any_order_of_the_witnesses_and_restarts_ends_in_the_same_totals(
    works: list[Work], witnesses: str, ends: bool, lateness: list[float], reads: list[bool]
) -> None:
    script = Script()
    for work in works:
        script.add(work)
    if ends:
        script.end()
    lines = [line for line in script.lines if line.file.startswith(WITNESSES[witnesses])]
    in_order = sorted(lines, key=lambda line: line.second)
    assert_any_order_ends_alike(in_order, arrivals(lines, lateness), reads)
