"""The real Claude Code, ended and continued in the middle of its work: either witness agrees with what it has done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import pytest

from tests.e2e.agreement import (
    TOLERANCE_USD,
    Costs,
    Reading,
    Situation,
    Witnesses,
    assert_agree,
    cost,
    costs,
    only,
    reading,
)
from tests.e2e.processes import wait_for
from tests.e2e.test_agreement import ALLOWED, add_hook, runs
from tests.e2e.workplace import PATIENCE_SECONDS, Workplace

DEFERRAL = """[ -e deferred ] && exit 0; touch deferred; echo '{"hookSpecificOutput": {"hookEventName": "PreToolUse",
"permissionDecision": "defer", "permissionDecisionReason": "Later"}}'"""


def deferred(workplace: Workplace) -> Costs:
    """A hook defers a call, which ends the process; the next one runs it and continues the turn before its prompt."""
    session = str(uuid.uuid4())
    add_hook(workplace, "PreToolUse", DEFERRAL)
    workplace.run("quick", "--session-id", session, *ALLOWED)
    return cost(workplace.answer("go on", "--resume", session, *ALLOWED))


def continued(workplace: Workplace) -> Costs:
    """A process is killed while a call runs; the next one continues the turn by itself, before its own prompt."""
    session = killed_at_work(workplace, "sleepy")
    workplace.answer("script:quick", "--resume", session, *ALLOWED, CLAUDE_CODE_RESUME_INTERRUPTED_TURN="1")
    return costs(workplace)  # that of the killed process is in no total


def called_again(workplace: Workplace) -> Costs:
    """A process is killed while a sub-agent runs, to which the next one sends a message."""
    session = killed_at_work(workplace, "left-agent")
    workplace.run("called-agent", "--resume", session, *ALLOWED)
    return costs(workplace)


def killed_at_work(workplace: Workplace, script: str) -> str:
    """A session whose process was killed while a command ran, which the next process does not wait for."""
    session = str(uuid.uuid4())
    with workplace.running(script, "--session-id", session, *ALLOWED) as process:
        wait_for((workplace.project / "asleep").exists, "the command to run")
        wait_for(lambda: workplace.has_written("touch asleep"), "its message to be written")
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
    (workplace.project / "awake").touch()
    return session


SITUATIONS: Mapping[str, Situation] = {
    "a call that is deferred": Situation(deferred, Reading({"Bash success": 1}, 2, automatic_prompts=1)),
    "a turn that is continued": Situation(
        continued,
        Reading({"Bash success": 2, "Bash unknown": 1}, 2, automatic_prompts=1),
        by_transcripts={"calls": {"Bash success": 2, "Bash interrupted": 1}},
    ),
    "a sub-agent that another process resumes": Situation(
        called_again,
        Reading(
            {
                "Agent success": 1, "SendMessage success": 1, "Bash success": 1, "Explore: Bash unknown": 1,
                "Explore: Bash success": 1,
            },
            2,
            automatic_prompts=2,
            agents={"Explore unknown": 1, "Explore success": 1},
        ),
        by_hooks={"automatic_prompts": 1},
        by_transcripts={
            "calls": {
                "Agent success": 1, "SendMessage success": 1, "Bash success": 1, "Explore: Bash interrupted": 1,
                "Explore: Bash success": 1,
            },
            "agents": {"Explore interrupted": 1, "Explore success": 1},
        },
    ),
    "sub-agents in parallel, of which one is stopped and two are resumed": Situation(
        runs("three-agents", *ALLOWED),
        Reading(
            {
                "Agent success": 3, "Bash success": 3, "TaskStop success": 1, "SendMessage success": 2,
                "Explore: Bash interrupted": 1, "Explore: Bash success": 1, "general-purpose: Bash success": 1,
                "Plan: Bash success": 2,
            },
            automatic_prompts=5,
            agents={
                "Explore interrupted": 1, "Explore success": 1, "general-purpose success": 1, "Plan success": 2,
            },
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_all_witnesses_agree_with_claude_code(workplace: Workplace, name: str) -> None:
    assert_agree(workplace, SITUATIONS[name])


@pytest.mark.parametrize("script", ["making", "family"])
def test_calls_that_a_budget_ends_count_once_and_are_unknown_unless_a_hook_reports_their_end(
    workplace: Workplace, script: str
) -> None:
    spent = runs(script, "--max-budget-usd", "0.001", *ALLOWED)(workplace)
    assert costs(workplace) == pytest.approx(spent, abs=TOLERANCE_USD, rel=0)
    (tool,) = workplace.api.asked
    found: dict[Witnesses, Mapping[str, int]] = {}
    for witnesses in Witnesses:
        with only(workplace, witnesses):
            page = reading(workplace)
            found[witnesses] = page.calls
            assert (page.prompts, page.sessions, page.open, page.agents) == (1, 1, 0, {})
    assert found[Witnesses.TRANSCRIPTS] == {f"{tool} unknown": 1}
    assert found[Witnesses.BOTH] == (found[Witnesses.HOOKS] or found[Witnesses.TRANSCRIPTS])
