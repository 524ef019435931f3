"""The real Claude Code in a terminal, whose turns and background work do not end where its prompts and sessions do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.e2e.agreement import Costs, Reading, Situation, assert_agree, final_costs
from tests.e2e.processes import wait_for
from tests.e2e.scenarios import UNTIL_AWAKE, agent, bash
from tests.e2e.scripted_api import Script
from tests.e2e.test_agreement_in_terminal import ESCAPE, Desk, desk
from tests.e2e.workplace import Workplace

UP, CTRL_U = "\x1b[A", "\x15"
# A sub-agent and a command that continue in the background, and what is known of them if their session is left.
LEFT_BEHIND = Script((
    (agent("Explore", "sleepy"), bash(f"touch serving; {UNTIL_AWAKE}", run_in_background=True)),
))  # fmt: skip
LEFT = {"Agent success": 1, "Explore: Bash unknown": 1, "Bash unknown": 1}


def first_session(workplace: Workplace) -> str:
    """The id of the session that was recorded first."""
    _, line = min(workplace.recorded(), key=lambda recorded: str(recorded[1]["logged_at"]))
    return str(line["session_id"])


def leaves_work_behind(leave: Callable[[Workplace], str], prompts: int) -> Callable[[Workplace], Costs]:
    """A person who enters another session by a command while work continues in the background."""

    def play(workplace: Workplace) -> Costs:
        workplace.api.add("left-behind", LEFT_BEHIND)
        with desk(workplace) as person:
            if prompts == 3:
                person.ask("zero script:quick")
                enter(person, "/clear")
            person.ask("one script:left-behind")
            person.wait_for_file("asleep")
            person.wait_for_file("serving")
            enter(person, leave(workplace))
            person.ask("two script:cached")
            person.wake()
            person.wait_for_prompts(prompts + 2)
        return final_costs(workplace)

    return play


def enter(person: Desk, command: str) -> None:
    """Enter another session by a command."""
    sessions = person.number_of("SessionStart")
    person.begin(command)
    wait_for(lambda: person.number_of("SessionStart") > sessions, "another session")


def interrupted_with_a_prompt_in_the_queue(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.begin("one script:sleepy")
        person.wait_for_file("asleep")
        person.begin("two script:quick")
        wait_for(lambda: person.number_of("UserPromptSubmit") == 2, "the prompt to be queued")
        person.terminal.press(ESCAPE)
        person.wait_for_prompts(2)
    return final_costs(workplace)


def taken_back(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.begin("one script:sleepy")
        person.wait_for_file("asleep")
        person.begin("two script:quick")
        wait_for(lambda: workplace.has_written('"enqueue"'), "the prompt to be queued")
        person.press_until(UP, lambda: workplace.has_written('"popAll"'))
        person.terminal.press(CTRL_U)
        person.wake()
        person.wait_for_prompts(2)
    return final_costs(workplace)


def stopped_by_a_person(workplace: Workplace) -> Costs:
    workplace.api.add("served", Script(((bash("touch serving; sleep 300", run_in_background=True),),)))
    with desk(workplace) as person:
        person.ask("one script:served")
        person.wait_for_file("serving")
        person.begin("/tasks")
        person.press_until("x", lambda: workplace.has_written("<status>killed"))
        person.terminal.press(ESCAPE)
        person.ask("two script:quick")
    return final_costs(workplace)


SITUATIONS: Mapping[str, Situation] = {
    "a new session while work continues": Situation(
        leaves_work_behind(lambda _: "/clear", 2),
        Reading({**LEFT, "Bash success": 1}, 2, automatic_prompts=2, agents={"Explore unknown": 1}, sessions=2),
    ),
    "a branch while work continues": Situation(
        leaves_work_behind(lambda _: "/branch", 2),
        Reading({**LEFT, "Bash success": 1}, 2, automatic_prompts=2, agents={"Explore unknown": 1}, sessions=2),
    ),
    "an older session while work continues": Situation(
        leaves_work_behind(lambda workplace: f"/resume {first_session(workplace)}", 3),
        Reading({**LEFT, "Bash success": 2}, 3, automatic_prompts=2, agents={"Explore unknown": 1}, sessions=2),
    ),
    "a turn that is interrupted while a prompt is queued": Situation(
        interrupted_with_a_prompt_in_the_queue, Reading({"Bash interrupted": 1, "Bash success": 1}, 2)
    ),
    "a command in the background that a person stops": Situation(
        stopped_by_a_person,
        Reading({"Bash interrupted": 1, "Bash success": 1}, 2, automatic_prompts=1),
        by_hooks={"calls": {"Bash unknown": 1, "Bash success": 1}, "automatic_prompts": 0},
    ),
    "a queued prompt that is taken back": Situation(
        taken_back, Reading({"Bash success": 1}, 2), by_transcripts={"prompts": 1}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_all_witnesses_agree_with_claude_code(workplace: Workplace, name: str) -> None:
    assert_agree(workplace, SITUATIONS[name])
