"""The real Claude Code in many situations: hooks alone, transcripts alone and both agree with what it has done.

What only one of them can tell is in the tables of situations, too.
"""

from __future__ import annotations

import json
import signal
import uuid
from collections.abc import Callable, Mapping

import pytest

from tests.e2e.agreement import NOTHING, Costs, Reading, Situation, assert_agree, cost, final_costs
from tests.e2e.conversation import conversation
from tests.e2e.processes import wait_for
from tests.e2e.workplace import PATIENCE_SECONDS, Workplace

MODEL = "claude-opus-4-6"
TOOLS = ("Agent", "Bash", "Monitor", "SendMessage", "Skill", "TaskStop", "ToolSearch", "WebSearch")
ALLOWED = ("--allowedTools", *TOOLS)
DENIED = ("--disallowedTools", "Bash(echo forbidden)", "Agent(Plan)")
COOK = ("--agents", json.dumps({"cook": {"description": "Cooks", "prompt": "You cook."}}))
TOUR = {
    "Bash success": 1, "Bash error": 1, "Write success": 1, "Read success": 1, "Read error": 1, "Edit success": 1,
    "Edit error": 1, "WebFetch denied": 1,
}  # fmt: skip
QUICK = {"Bash success": 1}


def runs(script: str, *options: str, **variables: str) -> Callable[[Workplace], Costs]:
    """One run of Claude Code, which may fail."""

    def play(workplace: Workplace) -> Costs:
        with workplace.working(f"script:{script}", *options, model=MODEL, **variables) as process:
            return cost(process.communicate(timeout=PATIENCE_SECONDS)[0])

    return play


def resumed(workplace: Workplace) -> Costs:
    session = str(uuid.uuid4())
    workplace.run("tour", "--session-id", session)
    return cost(workplace.run("quick", "--resume", session))


def killed(workplace: Workplace) -> Costs:
    """What the killed process spent is in no total, but in the message."""
    session = str(uuid.uuid4())
    first = cost(workplace.run("cached", "--session-id", session, *ALLOWED))[session]
    with workplace.running("slow", "--resume", session, *ALLOWED) as process:
        wait_for((workplace.project / "started").exists, "the command to run")
        wait_for(lambda: workplace.has_written("touch started"), "its message to be written")
        process.kill()
    return {session: first / 2 + cost(workplace.run("quick", "--resume", session, *ALLOWED))[session]}


def forked(workplace: Workplace) -> Costs:
    """A session, its fork, and a fork of that."""
    session = str(uuid.uuid4())
    totals = {session: cost(workplace.run("family", "--session-id", session, *ALLOWED))[session]}
    spent = dict(totals)
    for _ in range(2):
        (fork, total), *_ = cost(workplace.run("quick", "--resume", session, "--fork-session", *ALLOWED)).items()
        spent[fork], totals[fork], session = total - totals[session], total, fork
    return spent


def compacted(workplace: Workplace) -> Costs:
    session = str(uuid.uuid4())
    workplace.run("quick", "--session-id", session)
    workplace.answer("/compact", "--resume", session)
    return cost(workplace.run("quick", "--resume", session))


def refused_by_a_hook(workplace: Workplace) -> Costs:
    add_hook(workplace, "PreToolUse", "echo no >&2; exit 2")
    return runs("quick", *ALLOWED)(workplace)


def prompt_refused_by_a_hook(workplace: Workplace) -> Costs:
    add_hook(workplace, "UserPromptSubmit", "echo no >&2; exit 2")
    return runs("quick", *ALLOWED)(workplace)


def add_hook(workplace: Workplace, event: str, command: str) -> None:
    settings = workplace.project / ".claude" / "settings.local.json"
    settings.write_text(json.dumps({"hooks": {event: [{"hooks": [{"type": "command", "command": command}]}]}}))


def commanded(workplace: Workplace) -> Costs:
    file = workplace.project / ".claude" / "commands" / "greet.md"
    file.parent.mkdir()
    file.write_text("Say hello: $ARGUMENTS")
    return cost(workplace.answer("/greet script:quick", *ALLOWED))


def interrupted(script: str) -> Callable[[Workplace], Costs]:
    """A conversation on standard input, whose second turn is interrupted."""

    def play(workplace: Workplace) -> Costs:
        with conversation(workplace, *ALLOWED) as talk:
            talk.ask("script:quick")
            talk.begin(f"script:{script}")
            wait_for((workplace.project / "started").exists, "the command to run")
            talk.interrupt()
            return cost(talk.ask("script:quick"))

    return play


def stopped_by_sigint(workplace: Workplace) -> Costs:
    with workplace.running("slow", *ALLOWED) as process:
        wait_for((workplace.project / "started").exists, "the command to run")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)
    return final_costs(workplace)


def not_persistent(workplace: Workplace) -> Costs:
    runs("tour", "--no-session-persistence")(workplace)
    return {}


SITUATIONS: Mapping[str, Situation] = {
    "calls that succeed, fail and are denied": Situation(runs("tour"), Reading(TOUR)),
    "calls that rules deny": Situation(
        runs("denied", *DENIED), Reading({"Bash denied": 5, "Read denied": 1, "Write denied": 1, "Agent error": 1})
    ),
    "calls that are invalid": Situation(
        runs("invalid"),
        Reading({"Bash success": 1, "Bash error": 2, "NoSuchTool error": 2, "Read error": 1, "Agent error": 1}),
    ),
    "a call that a hook refuses": Situation(refused_by_a_hook, Reading({"Bash denied": 1})),
    "a prompt that a hook refuses": Situation(
        prompt_refused_by_a_hook, Reading(), by_transcripts={"prompts": 0}
    ),
    "a slash command": Situation(commanded, Reading(QUICK)),
    "sub-agents": Situation(
        runs("delegate", *ALLOWED),
        Reading(
            {
                "Agent success": 2, "Bash success": 1, "general-purpose: Bash success": 2,
                "general-purpose: Bash error": 1, "Explore: Read error": 1, "Explore: WebFetch denied": 1,
            },
            automatic_prompts=2,
            agents={"general-purpose success": 1, "Explore success": 1},
        ),
    ),
    "a sub-agent of a sub-agent": Situation(
        runs("nested", *ALLOWED),
        Reading(
            {
                "Agent success": 1, "general-purpose: Agent success": 1, "general-purpose: Bash error": 1,
                "Explore: Bash success": 1,
            },
            automatic_prompts=1,
            agents={"general-purpose success": 1, "Explore success": 1},
        ),
    ),
    "a sub-agent whose requests fail": Situation(
        runs("dying-agent", *ALLOWED, CLAUDE_CODE_MAX_RETRIES="1"),
        Reading({"Agent success": 1, "Bash success": 1}, automatic_prompts=1, agents={"Explore error": 1}),
    ),
    "a sub-agent that is stopped": Situation(
        runs("stopped-agent", *ALLOWED),
        Reading(
            {"Agent success": 1, "Bash success": 1, "TaskStop success": 1, "Explore: Bash interrupted": 1},
            automatic_prompts=1,
            agents={"Explore interrupted": 1},
        ),
    ),
    "a sub-agent of a user's own type": Situation(
        runs("cooking", *COOK, *ALLOWED),
        Reading(
            {"Agent success": 1, "cook: Bash success": 1}, automatic_prompts=1, agents={"cook success": 1}
        ),
    ),
    "a sub-agent that continues the conversation": Situation(
        runs("forking-agent", *ALLOWED, CLAUDE_CODE_FORK_SUBAGENT="1"),
        Reading(
            {"Agent success": 1, "fork: Bash success": 1, "Bash error": 1, "Bash success": 1},
            automatic_prompts=1,
            agents={"fork success": 1},
        ),
    ),
    "a main agent of a user's own type": Situation(runs("quick", *COOK, "--agent", "cook"), Reading(QUICK)),
    "commands in the background": Situation(
        runs("failing-command", *ALLOWED), Reading({"Bash error": 1, "Bash success": 1}, automatic_prompts=1)
    ),
    "a monitor": Situation(
        runs("monitored", *ALLOWED),
        Reading({"ToolSearch success": 1, "Monitor success": 1, "Bash success": 1}, automatic_prompts=2),
    ),
    "a web search": Situation(
        runs("websearch", *ALLOWED), Reading({"ToolSearch success": 1, "WebSearch success": 1})
    ),
    "compaction by hand": Situation(compacted, Reading({"Bash success": 2}, 2, compactions=1)),
    "automatic compaction": Situation(
        runs("lengthy", CLAUDE_CODE_AUTO_COMPACT_WINDOW="50000"), Reading({"Bash success": 2}, compactions=1)
    ),
    "requests that fail": Situation(
        runs("down", CLAUDE_CODE_MAX_RETRIES="1"), Reading()
    ),
    "a limit of turns": Situation(
        runs("tour", "--max-turns", "2"), Reading({"Bash success": 1, "Write success": 1})
    ),
    "a resumed session": Situation(resumed, Reading({**TOUR, "Bash success": 2}, 2)),
    "a process that is killed": Situation(killed, Reading({"Bash success": 2, "Bash unknown": 1}, 3)),
    "forks": Situation(
        forked,
        Reading(
            {
                "Agent success": 1, "Bash error": 1, "general-purpose: Agent success": 1,
                "general-purpose: Bash success": 1, "Explore: Bash success": 1, "Bash success": 2,
            },
            3,
            automatic_prompts=1,
            agents={"general-purpose success": 1, "Explore success": 1},
            sessions=3,
        ),
    ),
    "a turn that is interrupted": Situation(
        interrupted("slow"), Reading({"Bash success": 2, "Bash interrupted": 1}, 3)
    ),
    "a turn that is interrupted while it waits for a sub-agent": Situation(
        interrupted("interrupted-agent"),
        Reading(
            {"Bash success": 2, "Agent interrupted": 1, "Explore: Bash interrupted": 1},
            3,
            agents={"Explore interrupted": 1},
        ),
    ),
    "an interruption that ends the process": Situation(
        stopped_by_sigint, Reading({"Bash interrupted": 1}), by_hooks={"calls": {"Bash unknown": 1}}
    ),
    "no hooks": Situation(runs("quick", "--bare"), Reading(QUICK), by_hooks=vars(NOTHING)),
    "no transcript": Situation(not_persistent, Reading(TOUR, without_cost=1), by_transcripts=vars(NOTHING)),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_all_witnesses_agree_with_claude_code(workplace: Workplace, name: str) -> None:
    assert_agree(workplace, SITUATIONS[name])
