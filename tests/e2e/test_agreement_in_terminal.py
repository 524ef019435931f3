"""The real Claude Code in a terminal: hooks alone, transcripts alone and both agree with what a person has done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.e2e.agreement import Costs, Reading, Situation, assert_agree, final_costs
from tests.e2e.processes import wait_for
from tests.e2e.scenarios import CACHED, UNTIL_AWAKE, agent, bash
from tests.e2e.scripted_api import Script
from tests.e2e.terminal import Terminal, claude_in_terminal
from tests.e2e.workplace import Workplace

ESCAPE, CTRL_B, ENTER = "\x1b", "\x02", "\r"
PERMISSIONS = {"allow": ["Agent", "Bash"], "ask": ["Bash(mkdir:*)"]}
CLOSED_PROXY = "http://127.0.0.1:9"  # requests of the terminal that are not for the model stay on the machine


class Desk:
    """A person at a terminal with Claude Code in it."""

    def __init__(self, workplace: Workplace, terminal: Terminal) -> None:
        self.workplace = workplace
        self.terminal = terminal

    def begin(self, prompt: str) -> None:
        """Submit a prompt."""
        self.terminal.type(prompt)

    def ask(self, prompt: str) -> None:
        """Submit a prompt, and wait for its turn to end."""
        turns = self.number_of("Stop")
        self.begin(prompt)
        wait_for(lambda: self.number_of("Stop") > turns, "the end of the turn")

    def wait_for_prompts(self, number: int) -> None:
        """Wait until there were so many prompts, those of notifications included, and the last turn has ended."""
        wait_for(lambda: self.number_of("UserPromptSubmit") == number and self._is_idle(), "the end of the turn")

    def _is_idle(self) -> bool:
        _, last = max((line["logged_at"], line["hook_event_name"]) for _, line in self.workplace.recorded())
        return bool(last == "Stop")

    def wait_for_file(self, name: str) -> None:
        """Wait until a command has made a file."""
        wait_for((self.workplace.project / name).exists, name)

    def wake(self) -> None:
        """Let the command of the script `sleepy` end."""
        (self.workplace.project / "awake").touch()

    def press_until(self, key: str, done: Callable[[], bool]) -> None:
        """Press a key until it has had its effect: Claude Code ignores keys while it draws a question."""

        def is_done() -> bool:
            self.terminal.press(key)
            return done()

        wait_for(is_done, "the effect of a key")

    def number_of(self, event: str) -> int:
        """How often a hook was run."""
        return sum(line["hook_event_name"] == event for _, line in self.workplace.recorded())


@contextmanager
def desk(workplace: Workplace, **variables: str) -> Iterator[Desk]:
    (workplace.project / ".claude" / "settings.local.json").write_text(json.dumps({"permissions": PERMISSIONS}))
    environment = {**workplace.subscribed, **variables}
    options = ("--permission-mode", "acceptEdits")
    with claude_in_terminal(workplace.cli, workplace.project, environment, *options) as terminal:
        yield Desk(workplace, terminal)


def refused_and_granted(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.begin("one script:making")
        wait_for(lambda: "proceed?" in person.terminal.shown, "the request for permission")
        person.terminal.press(ESCAPE)
        wait_for(lambda: "nterrupted" in person.terminal.shown, "the end of the turn")
        person.begin("two script:remaking")
        person.press_until(ENTER, (workplace.project / "remade").exists)
        person.wait_for_prompts(2)
    return final_costs(workplace)


def interrupted(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.begin("one script:slow")
        person.wait_for_file("started")
        person.terminal.press(ESCAPE)
        wait_for(lambda: "nterrupted" in person.terminal.shown, "the end of the turn")
        person.ask("two script:quick")
    return final_costs(workplace)


def queued(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.begin("one script:sleepy")
        person.wait_for_file("asleep")
        person.begin("two script:quick")
        wait_for(lambda: person.number_of("UserPromptSubmit") == 2, "the prompt to be queued")
        person.wake()
        person.wait_for_prompts(2)
    return final_costs(workplace)


def commanded(workplace: Workplace) -> Costs:
    """A command of the shell, a prompt of the project, and one of Claude Code's own commands."""
    file = workplace.project / ".claude" / "commands" / "greet.md"
    file.parent.mkdir()
    file.write_text("Say hello: $ARGUMENTS")
    with desk(workplace) as person:
        person.ask("!echo shell")
        person.ask("/greet script:quick")
        person.begin("/compact now")
        wait_for(lambda: '"compact_boundary"' in transcript(workplace), "the compaction")
    return final_costs(workplace)


def behind(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.begin("one script:both-behind")
        person.wait_for_prompts(2)
        person.wake()
        person.wait_for_prompts(3)
    return final_costs(workplace)


def moved_behind(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.begin("one script:sleepy")
        person.wait_for_file("asleep")
        person.press_until(CTRL_B, lambda: person.number_of("PostToolUse") == 1)
        person.wait_for_prompts(1)
        person.wake()
        person.wait_for_prompts(2)
    return final_costs(workplace)


def transcript(workplace: Workplace) -> str:
    """The transcript of the only session."""
    (file,) = workplace.projects.glob("*/*.jsonl")
    return file.read_text()


def cleared_and_branched(workplace: Workplace) -> Costs:
    with desk(workplace) as person:
        person.ask("one script:quick")
        person.begin("/clear")
        wait_for(lambda: person.number_of("SessionStart") == 2, "a new session")
        person.ask("two script:cached")
        person.begin("/branch")
        wait_for(lambda: "ranched" in person.terminal.shown, "the branch")
        person.ask("three script:quick")
    return final_costs(workplace)


def titled_and_asked_aside(workplace: Workplace) -> Costs:
    off = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "", "DISABLE_TELEMETRY": "1", "DISABLE_ERROR_REPORTING": "1"}
    proxies = {"HTTPS_PROXY": CLOSED_PROXY, "NO_PROXY": "127.0.0.1"}
    with desk(workplace, **off, **proxies) as person:
        person.ask("please look around the shop, and report what you find script:cached")
        person.begin("/btw script:aside")
        wait_for(lambda: "way." in person.terminal.shown, "an answer beside the conversation")
    return final_costs(workplace)


def switched(parent: Script) -> Callable[[Workplace], Costs]:
    """Another model from the second prompt on, also for a sub-agent and one that it starts, and more effort then.

    One of the two waits for the end of the other.
    """

    def play(workplace: Workplace) -> Costs:
        workplace.api.add("family", Script(((agent("general-purpose", "parent"),), (bash("false"),)), usage=CACHED))
        workplace.api.add("parent", parent)
        with desk(workplace) as person:
            person.ask("one script:cached")
            person.begin("/model haiku")
            person.press_until(ENTER, lambda: workplace.has_written("Set model to"))
            person.begin("two script:family")
            wait_for(lambda: person.number_of("SubagentStop") == 1, "the end of a sub-agent's turn")
            person.wake()
            person.wait_for_prompts(3)
            person.begin("/effort max")
            person.press_until(ENTER, lambda: workplace.has_written("Set effort level"))
            person.ask("ultrathink three script:fast")
        return final_costs(workplace)

    return play


PARENT_FIRST = Script(((agent("Explore", "sleepy"),), (bash("echo parent"),)), usage={**CACHED, "input_tokens": 7})
CHILD_FIRST = replace(PARENT_FIRST, turns=((agent("Explore", "searching"),), (bash(UNTIL_AWAKE),)))


def switched_reading(parent_runs: int) -> Reading:
    """A parent runs once more where its child ends after it."""
    return Reading(
        {
            "Bash success": 2, "Bash error": 1, "Agent success": 1, "general-purpose: Agent success": 1,
            "general-purpose: Bash success": 1, "Explore: Bash success": 1,
        },
        3,
        automatic_prompts=1,
        agents={"general-purpose success": parent_runs, "Explore success": 1},
    )  # fmt: skip


SITUATIONS: Mapping[str, Situation] = {
    "a call that is refused and one that is granted": Situation(
        refused_and_granted, Reading({"Bash denied": 1, "Bash success": 1}, 2)
    ),
    "a turn that is interrupted": Situation(interrupted, Reading({"Bash interrupted": 1, "Bash success": 1}, 2)),
    "a prompt during a turn": Situation(queued, Reading({"Bash success": 2}, 2)),
    "commands": Situation(commanded, Reading({"Bash success": 1}, compactions=1)),
    "work in the background": Situation(
        behind,
        Reading(
            {"Agent success": 1, "Explore: Bash success": 1, "Bash error": 1, "Bash success": 1},
            automatic_prompts=2,
            agents={"Explore success": 1},
        ),
    ),
    "work that is moved to the background": Situation(
        moved_behind, Reading({"Bash success": 1}, automatic_prompts=1)
    ),
    "a new session and a branch": Situation(cleared_and_branched, Reading({"Bash success": 3}, 3, sessions=3)),
    "another model, a child ends last": Situation(switched(PARENT_FIRST), switched_reading(parent_runs=2)),
    "another model, a child ends first": Situation(switched(CHILD_FIRST), switched_reading(parent_runs=1)),
    "a title and a question": Situation(titled_and_asked_aside, Reading({"Bash success": 1})),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_all_witnesses_agree_with_claude_code(workplace: Workplace, name: str) -> None:
    assert_agree(workplace, SITUATIONS[name])
