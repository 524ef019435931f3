"""Sub-agents and commands in the background of the real Claude Code: the numbers are those of its stream."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest

from tests.e2e.processes import wait_for
from tests.e2e.test_claude_cli import Stream, by_label
from tests.e2e.workplace import PATIENCE_SECONDS, Workplace
from tests.support.page import Samples, fetch, sample, samples_of

STATUSES = {"completed": "success", "failed": "error", "stopped": "interrupted"}
TOOLS = ("--allowedTools", "Bash", "Agent", "SendMessage", "TaskStop")


class Ends(NamedTuple):
    """How calls have ended, by tool, and the runs of sub-agents."""

    calls: dict[tuple[str, str], int]
    runs: dict[str, int]


# What each script does. The call that launches a sub-agent or resumes it succeeds, whatever becomes of the run.
SCRIPTS = {
    "failing-command": Ends({("Bash", "error"): 1, ("Bash", "success"): 1}, {}),
    "stopped-command": Ends({("Bash", "interrupted"): 1, ("Bash", "success"): 1, ("TaskStop", "success"): 1}, {}),
    "finished-agent": Ends({("Agent", "success"): 1, ("Bash", "success"): 2}, {"success": 1}),
    "awaited-agent": Ends({("Agent", "success"): 1, ("Bash", "success"): 1}, {"success": 1}),
    "stopped-agent": Ends(
        {("Agent", "success"): 1, ("Bash", "success"): 1, ("Bash", "interrupted"): 1, ("TaskStop", "success"): 1},
        {"interrupted": 1},
    ),
    "stopped-family": Ends(
        {
            ("Agent", "success"): 1,
            ("Agent", "interrupted"): 1,
            ("Bash", "success"): 1,
            ("Bash", "interrupted"): 1,
            ("TaskStop", "success"): 1,
        },
        {"interrupted": 2},
    ),
    "resumed-agent": Ends(
        {("Agent", "success"): 1, ("SendMessage", "success"): 1, ("Bash", "success"): 4}, {"success": 2}
    ),
    "dying-agent": Ends({("Agent", "success"): 1, ("Bash", "success"): 1}, {"error": 1}),
}


def ends(page: Samples) -> Ends:
    """What a page says; nothing runs any more."""
    for gauge in ("claude_tool_calls_in_flight", "claude_subagents_running", "claude_background_commands_running"):
        assert by_label(page, gauge) == {}
    calls = Counter[tuple[str, str]]()
    for (name, labels), value in page.items():
        if name == "claude_tool_calls_total":
            calls[dict(labels)["tool"], dict(labels)["outcome"]] += int(value)
    runs = by_label(page, "claude_subagents_ended_total", "outcome")
    assert sum(runs.values()) == sum(by_label(page, "claude_subagents_started_total").values())
    return Ends(dict(calls), {outcome: int(number) for outcome, number in runs.items()})


def pages(workplace: Workplace) -> dict[str, Samples]:
    """The page by what is there to read: both witnesses, or one of them."""
    found, away = {"both": workplace.page()}, workplace.directory / "away"
    for witness, other in {"hooks": workplace.projects, "transcripts": workplace.sessions}.items():
        other.rename(away)
        found[witness] = workplace.page()
        away.rename(other)
    return found


@pytest.mark.parametrize("script", SCRIPTS)
def test_either_witness_says_how_work_ended(workplace: Workplace, script: str) -> None:
    stream = Stream(workplace.answer(f"script:{script}", *TOOLS, CLAUDE_CODE_MAX_RETRIES="1"))
    assert {witness: ends(page) for witness, page in pages(workplace).items()} == dict.fromkeys(
        ("both", "hooks", "transcripts"), SCRIPTS[script]
    )
    notices = [line for line in stream.of("system", "task_notification") if line["task_id"].startswith("a")]
    assert Counter(STATUSES[line["status"]] for line in notices) == SCRIPTS[script].runs


def test_a_sub_agent_takes_as_long_as_it_works_and_not_as_the_call_that_launched_it(workplace: Workplace) -> None:
    workplace.run("finished-agent", *TOOLS)
    for page in pages(workplace).values():
        assert page[sample("claude_subagent_duration_seconds_sum", agent="Explore")] >= 2
        assert page[sample("claude_tool_call_duration_seconds_sum", tool="Agent")] < 2


def test_a_command_in_the_background_takes_until_it_ends_and_fails_by_its_exit_code(workplace: Workplace) -> None:
    workplace.run("failing-command", *TOOLS)
    for page in pages(workplace).values():
        assert page[sample("claude_tool_call_duration_seconds_sum", tool="Bash")] >= 3
        assert page[sample("claude_tool_errors_total", tool="Bash", category="command_failed")] == 1


def test_a_command_of_a_sub_agent_has_an_outcome_in_transcripts_alone(workplace: Workplace) -> None:
    workplace.run("agents-command", *TOOLS)
    found = {witness: ends(page).calls for witness, page in pages(workplace).items()}
    failed, unknown = (
        {("Agent", "success"): 1, ("Bash", "success"): 1, ("Bash", end): 1} for end in ("error", "unknown")
    )
    assert found == {"both": failed, "transcripts": failed, "hooks": unknown}


def test_work_in_the_background_runs_until_its_process_ends_and_is_no_call_in_flight(workplace: Workplace) -> None:
    with workplace.metrics() as url, workplace.running("server", *TOOLS) as process:
        for begun in ("serving", "started"):
            wait_for((workplace.project / begun).exists, begun)
        wait_for(lambda: workplace.has_recorded("Stop"), "the end of the turn that launched it")
        page = samples_of(fetch(url))
        assert page[sample("claude_background_commands_running")] == 1
        assert by_label(page, "claude_subagents_running", "agent") == {"Explore": 1}
        assert by_label(page, "claude_tool_calls_in_flight", "tool") == {"Bash": 1}  # that of the sub-agent
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
        wait_for(lambda: workplace.has_recorded("SessionEnd"), "the hook that outlives its session")
    found = {witness: ends(page) for witness, page in pages(workplace).items()}
    assert found["hooks"].calls == {("Agent", "success"): 1, ("Bash", "unknown"): 2}
    # A transcript also says that the command was killed, and has an answer to the call if there was time to write one.
    assert {(witness, sum(page.calls.values()), *page.runs) for witness, page in found.items()} == {
        (witness, 3, "unknown") for witness in found
    }
