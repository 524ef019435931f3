"""The figures of a task are those of its session, however its calls, sub-agents and background work end."""

from __future__ import annotations

import json
from collections import Counter

import psutil
import pytest

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.tasks.records import Task, TaskOutput, TaskStatus
from chatserver.tasks.transcript_spending import spent_so_far
from exporter.model.money import PICODOLLARS
from exporter.model.records import Outcome
from exporter.prices.table import load_prices
from tests.chatserver.tasks.place import Place, ask, ended, when
from tests.chatserver.tasks.server_process import server_process
from tests.e2e.processes import wait_for
from tests.e2e.scenarios import ADVISED, CACHED, agent, bash
from tests.e2e.scripted_api import Script, Use
from tests.e2e.workplace import Workplace

MODEL = "claude-opus-5"
TOLERANCE_USD = 1e-9
TOKENS, ADVICE_TOKENS = 11_711, 14_330  # of an answer of CACHED, and of an advisor's in ADVISED
COUNTED = {"error": "failed_calls", "denied": "denied_calls", "interrupted": "interrupted_calls"}


def outcomes_of_the_session(workplace: Workplace) -> Counter[str]:
    """The calls that the exporter counts, by outcome."""
    found: Counter[str] = Counter()
    for (name, labels), count in workplace.page().items():
        if name == "claude_tool_calls_total":
            found[dict(labels)["outcome"]] += int(count)
    return found


def assert_agrees_with_the_session(place: Place, workplace: Workplace, task: Task) -> None:
    outcomes = outcomes_of_the_session(workplace)
    assert {name: getattr(task, name) for name in COUNTED.values()} == {
        name: outcomes[outcome] for outcome, name in COUNTED.items()
    }
    assert task.calls == outcomes.total()
    reported = spent_so_far(task, place.transcript_roots, load_prices())
    assert (task.turns, task.tokens) == (reported.turns, reported.tokens)
    assert task.cost_usd == pytest.approx(reported.cost_picodollars / PICODOLLARS, abs=TOLERANCE_USD)


@pytest.mark.parametrize(
    "script",
    [
        "tour", "delegate", "denied", "invalid", "background", "failing-command", "stopped-command", "stopped-agent",
        "agents-command", "finished-agent", "resumed-agent", "monitored", "three-agents",
    ],
)  # fmt: skip
def test_calls_turns_tokens_and_cost_of_a_task_are_those_of_its_session(
    place: Place, workplace: Workplace, script: str
) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager, f"script:{script}", model=MODEL))
    assert task.status is TaskStatus.COMPLETED
    assert_agrees_with_the_session(place, workplace, task)


def test_a_denial_is_reported_also_if_the_task_continues_after_a_sub_agent(place: Place, workplace: Workplace) -> None:
    write = Use("Write", {"file_path": f"{place.workspace}/new.txt", "content": "x"})
    launch = agent("Explore", "busy", run_in_background=True)
    workplace.api.add("denied-meanwhile", Script(((launch,), (write,)), usage=CACHED))
    manager, _ = place.server()
    task = ended(manager, ask(manager, "script:denied-meanwhile", model=MODEL))
    assert (task.status, task.denied_calls) == (TaskStatus.COMPLETED, 1)
    assert "not permitted to use Write" in (task.error or "")


def test_the_calls_of_a_task_whose_server_was_killed_are_interrupted(place: Place, workplace: Workplace) -> None:
    manager = place.manager()
    task = ask(manager, "script:interrupted-agent", model=MODEL)
    with server_process(place, f"sqlite:///{place.directory}/server.sqlite3", "here") as process:
        wait_for((place.workspace / "started").exists, "the command of the task")
        when(manager, task, lambda found: found.calls == 2, "at work, with its calls")
        process.kill()
        process.wait()
    manager, _ = place.server("here")
    task = ended(manager, task)
    assert (task.status, task.error_category) == (TaskStatus.FAILED, "interrupted")
    assert {step.outcome for step in manager.steps(task)} == {Outcome.INTERRUPTED}
    assert_agrees_with_the_session(place, workplace, task)


@pytest.mark.parametrize(
    ("script", "tokens"),
    [("waiting-agent", 3 * TOKENS), ("advised-waiting", TOKENS + ADVICE_TOKENS), ("searching-waiting", TOKENS)],
)
def test_the_cost_so_far_is_that_of_the_transcripts_sub_agents_and_advisors_included(
    place: Place, workplace: Workplace, script: str, tokens: int
) -> None:
    def is_counted(found: Task) -> bool:
        reported = spent_so_far(found, place.transcript_roots, load_prices())
        return (found.running_picodollars, tokens) == (reported.cost_picodollars, reported.tokens)

    wait = (bash("touch started; sleep 300"),)
    searched = {**CACHED, "server_tool_use": {"web_search_requests": 3}}
    workplace.api.add("waiting", Script(((bash("echo 1"),), wait), usage=CACHED))
    workplace.api.add("waiting-agent", Script(((agent("Explore", "waiting", run_in_background=False),),), usage=CACHED))
    workplace.api.add("advised-waiting", Script((wait,), usage={**CACHED, "iterations": ADVISED}))
    workplace.api.add("searching-waiting", Script((wait,), usage=searched))
    manager, _ = place.server()
    task = ask(manager, f"script:{script}", model=MODEL)
    wait_for((place.workspace / "started").exists, "the command of the task")
    at_work = when(manager, task, is_counted, "at work, with its cost")
    manager.stop(task.task_id, LOCAL_ADMIN)
    assert ended(manager, task).cost_usd == pytest.approx(at_work.cost_usd, abs=TOLERANCE_USD)


@pytest.mark.parametrize(
    ("event", "command", "error"),
    [
        ("UserPromptSubmit", "echo no tea >&2; exit 2", "no tea"),
        ("UserPromptSubmit", """echo '{"decision": "block", "reason": "no tea"}'""", "refused the description: no tea"),
        ("UserPromptSubmit", """echo '{"continue": false, "stopReason": "no tea"}'""", "no tea"),
        ("PreToolUse", """echo '{"continue": false, "stopReason": "no tea"}'""", "before it was finished"),
    ],
)
def test_a_task_that_a_hook_did_not_let_work_has_failed(place: Place, event: str, command: str, error: str) -> None:
    hooks = {event: [{"matcher": "", "hooks": [{"type": "command", "command": command}]}]}
    settings = place.workspace / ".claude" / "settings.local.json"
    settings.write_text(json.dumps({"permissions": {"allow": ["Bash"]}, "hooks": hooks}))
    manager, _ = place.server()
    task = ended(manager, ask(manager, "script:cached", model=MODEL))
    assert (task.status, task.error_category, task.result) == (TaskStatus.FAILED, "permission_denied", None)
    assert error in (task.error or "")


def test_a_command_of_claude_code_that_needs_no_answer_is_completed(place: Place) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager, "/cost", model=MODEL))
    assert (task.status, task.turns, task.cost_usd) == (TaskStatus.COMPLETED, 0, 0)


def test_the_cost_of_a_task_that_was_killed_while_the_api_answered_is_unknown(
    place: Place, workplace: Workplace
) -> None:
    workplace.api.add("stalling", Script((), stalls=True))
    manager, _ = place.server()
    said: list[TaskOutput] = []
    manager.subscribe_output(said.append)
    task = ask(manager, "script:stalling", model=MODEL)
    wait_for(lambda: [output for output in said if output.text], "a part of the answer")
    pid = when(manager, task, lambda found: bool(found.pid), "running").pid
    (claude,) = psutil.Process(pid).children()
    claude.kill()
    workplace.api.released.set()
    assert (ended(manager, task).cost_usd, ended(manager, task).status) == (None, TaskStatus.FAILED)
