"""The real Claude Code with sessions in the background, and teammates: either witness agrees with what it has done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.e2e.agreement import (
    TOLERANCE_USD,
    Costs,
    Reading,
    Situation,
    Witnesses,
    assert_agree,
    costs,
    final_costs,
    only,
    reading,
)
from tests.e2e.background import background_service, command
from tests.e2e.processes import wait_for
from tests.e2e.terminal import claude_in_terminal, trust
from tests.e2e.test_agreement import QUICK
from tests.e2e.test_agreement_in_terminal import ENTER, Desk, desk
from tests.e2e.workplace import Workplace


def begun_and_stopped(workplace: Workplace) -> Costs:
    """A session that never had a terminal."""
    trust(workplace.project, workplace.environment["HOME"])
    with background_service(workplace):
        command(workplace, "--bg", "--permission-mode", "acceptEdits", "script:quick")
        wait_for(lambda: workplace.has_recorded("Stop"), "the end of the turn")
    return final_costs(workplace)


def moved(workplace: Workplace) -> Costs:
    """A turn that continues in the background in a copy of its session, for which its call runs again."""
    with background_service(workplace), desk(workplace) as person:
        person.begin("one script:sleepy")
        person.wait_for_file("asleep")
        person.begin("/background")
        wait_for(lambda: person.number_of("PreToolUse") == 2, "the call in the background")
        person.wake()
        wait_for(lambda: person.number_of("Stop") == 1, "the end of the turn")
    return without_origin(workplace, "one script:sleepy")


def moved_between_turns(workplace: Workplace) -> Costs:
    with background_service(workplace), desk(workplace) as person:
        person.ask("one script:quick")
        person.ask("/background go on script:cached")
    return without_origin(workplace, "one script:quick")


def forked(workplace: Workplace) -> Costs:
    """A copy in the background, parallel to the session in the terminal, which ends without another prompt."""
    with background_service(workplace), desk(workplace) as person:
        person.ask("one script:cached")
        person.ask("/fork script:quick")
    return without_origin(workplace, "one script:cached")


def without_origin(workplace: Workplace, prompt: str) -> Costs:
    """What each of two sessions has cost, of which one continued the totals of that with a prompt."""
    totals = final_costs(workplace)
    (origin,) = {line["session_id"] for _, line in workplace.recorded() if line.get("prompt") == prompt}
    return {session: cost if session == origin else cost - totals[origin] for session, cost in totals.items()}


def with_a_teammate(workplace: Workplace) -> Costs:
    """A teammate reports to the main agent twice, which starts another turn for both."""
    with desk(workplace, CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS="1") as person:
        person.begin("one script:teaming")
        wait_for(lambda: has_ended(person, turns=2), "the turn about the teammate")
    return final_costs(workplace)


def has_ended(person: Desk, turns: int) -> bool:
    return person.number_of("Stop") == turns and person.number_of("SubagentStop") == 2


SITUATIONS: Mapping[str, Situation] = {
    "a session in the background": Situation(begun_and_stopped, Reading(QUICK)),
    "a turn that is moved to the background": Situation(
        moved, Reading({"Bash success": 1, "Bash unknown": 1}, sessions=2)
    ),
    "a session that is moved to the background": Situation(
        moved_between_turns, Reading({"Bash success": 2}, 2, sessions=2)
    ),
    "a copy in the background": Situation(forked, Reading({"Bash success": 2}, 2, sessions=2)),
    "a teammate": Situation(
        with_a_teammate,
        Reading(
            {"Agent success": 1, "SendMessage success": 1, "Bash success": 2, "ann: Bash success": 2},
            automatic_prompts=1,
            agents={"ann success": 2},
        ),
        by_hooks={"automatic_prompts": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_all_witnesses_agree_with_claude_code(workplace: Workplace, name: str) -> None:
    assert_agree(workplace, SITUATIONS[name])


def test_sessions_that_nobody_prompts_are_reported_by_hooks_alone(workplace: Workplace) -> None:
    view = claude_in_terminal(workplace.cli, workplace.project, workplace.subscribed, "agents")
    with background_service(workplace), view as terminal:
        wait_for(lambda: "escribe" in terminal.shown, "the view of agents")
        terminal.press("script:cached")
        wait_for(lambda: "cached" in terminal.shown, "what was typed to show")
        terminal.press(ENTER)
        wait_for(lambda: workplace.has_recorded("Stop"), "the end of the turn")
    both = reading(workplace)
    assert both == replace(Reading(QUICK), sessions=both.sessions, without_cost=both.sessions - 1)
    assert both.sessions > 1
    assert list(costs(workplace).values()) == pytest.approx(
        list(final_costs(workplace).values()), abs=TOLERANCE_USD, rel=0
    )
    with only(workplace, Witnesses.TRANSCRIPTS):
        assert reading(workplace) == Reading(QUICK)
