"""Tasks that the real Claude Code carries out: what they cost, how they fail, and that a stopped one leaves nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import psutil
import pytest
from sqlalchemy import insert

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.storage.schema import chats
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import Task, TaskOutput, TaskStatus
from chatserver.tasks.transcript_spending import spent_so_far
from exporter.model.money import PICODOLLARS
from exporter.model.records import Outcome as CallOutcome
from exporter.prices.table import load_prices
from tests.chatserver.tasks.place import Place, ask, ended, when
from tests.e2e.processes import wait_for
from tests.e2e.workplace import Workplace

MODEL = "claude-opus-5"
TOLERANCE_USD = 1e-9


def run(place: Place, script: str, environment: Mapping[str, str] | None = None) -> Task:
    place.environment = {**place.environment, **(environment or {})}
    manager, _ = place.server()
    return ended(manager, ask(manager, f"script:{script}", model=MODEL))


def assert_agrees_with_the_transcripts(place: Place, task: Task) -> None:
    reported = spent_so_far(task, place.transcript_roots, load_prices())
    assert task.cost_usd == pytest.approx(reported.cost_picodollars / PICODOLLARS, abs=TOLERANCE_USD)
    assert (task.tokens, task.cost_picodollars > 0) == (reported.tokens, True)


@pytest.mark.parametrize("script", ["cached", "family", "searching"])
def test_a_task_costs_what_its_transcripts_say_sub_agents_included(place: Place, script: str) -> None:
    task = run(place, script)
    assert (task.status, task.result) == (TaskStatus.COMPLETED, "Done.")
    assert_agrees_with_the_transcripts(place, task)


def test_each_task_of_a_chat_costs_its_own_part_and_continues_in_one_session(place: Place) -> None:
    chat = {"chat_id": "c", "user_id": "ann", "title": "", "created_us": 1, "updated_us": 1}
    place.database.run(lambda connection: connection.execute(insert(chats).values(chat)))
    manager, _ = place.server()
    asked = [ask(manager, f"script:{script}", model=MODEL, chat_id="c") for script in ("cached", "family")]
    first, second = (ended(manager, task) for task in asked)
    assert (first.session_uuid, first.resumes, second.resumes) == (second.session_uuid, False, True)
    assert second.status is TaskStatus.COMPLETED
    assert_agrees_with_the_transcripts(place, second)
    both = spent_so_far(first, place.transcript_roots, load_prices())
    assert first.cost_picodollars + second.cost_picodollars == pytest.approx(both.cost_picodollars, abs=1000)


def test_work_in_the_background_is_no_delay_of_the_exit(place: Place) -> None:
    manager, _ = place.server(exit_seconds=0.5)
    task = ended(manager, ask(manager, "script:left-command", model=MODEL))
    assert (task.status, task.turns, task.calls, task.interrupted_calls) == (TaskStatus.COMPLETED, 3, 1, 0)
    assert_agrees_with_the_transcripts(place, task)


def test_a_session_whose_end_takes_too_long_has_its_result_and_cost(place: Place) -> None:
    place.environment = {**place.environment, "CLAUDE_CODE_SESSIONEND_HOOKS_TIMEOUT_MS": "300000"}
    hanging = {"type": "command", "command": "touch ending; sleep 300", "timeout": 300}
    settings = place.workspace / ".claude" / "settings.local.json"
    hooks = {"SessionEnd": [{"hooks": [hanging]}]}
    settings.write_text(json.dumps({"permissions": {"allow": ["Bash"]}, "hooks": hooks}))
    manager, _ = place.server(exit_seconds=0.5)
    task = ended(manager, ask(manager, "script:cached", model=MODEL))
    assert (place.workspace / "ending").exists()
    assert (task.status, task.result) == (TaskStatus.COMPLETED, "Done.")
    assert_agrees_with_the_transcripts(place, task)


def test_a_conversation_that_is_gone_fails_and_starts_over_when_it_is_tried_again(place: Place) -> None:
    gone = "0a3efd0c-51b5-4d5e-9d05-0a3efd0c51b5"
    chat = {"chat_id": "c", "user_id": "ann", "title": "", "session_uuid": gone, "created_us": 1, "updated_us": 1}
    place.database.run(lambda connection: connection.execute(insert(chats).values(chat)))
    manager, _ = place.server()
    task = ended(manager, ask(manager, "script:cached", model=MODEL, chat_id="c"))
    assert "no longer has this conversation" in (task.error or "")
    again = ended(manager, manager.restart(task.task_id, LOCAL_ADMIN))
    assert (again.status, again.session_uuid != gone) == (TaskStatus.COMPLETED, True)


def test_a_stopped_task_costs_what_it_had_used_and_leaves_no_process(place: Place) -> None:
    manager, _ = place.server()
    task = ask(manager, "script:slow", model=MODEL)
    wait_for((place.workspace / "started").exists, "the command of the task")
    processes = [one for one in psutil.process_iter() if is_of(task, one)]
    assert len(processes) > 1
    manager.stop(task.task_id, LOCAL_ADMIN)
    task = ended(manager, task)
    assert (task.status, task.turns) == (TaskStatus.STOPPED, 1)
    assert_agrees_with_the_transcripts(place, task)
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


@pytest.mark.parametrize("script", ["slow", "interrupted-agent"])
def test_a_call_that_hookmeter_stopped_is_interrupted(place: Place, workplace: Workplace, script: str) -> None:
    manager, _ = place.server()
    task = ask(manager, f"script:{script}", model=MODEL)
    wait_for((place.workspace / "started").exists, "the command of the task")
    manager.stop(task.task_id, LOCAL_ADMIN)
    assert ended(manager, task).interrupted_calls == (1 if script == "slow" else 2)
    outcomes: Counter[str] = Counter()
    for (name, labels), count in workplace.page().items():
        if name == "claude_tool_calls_total":
            outcomes[dict(labels)["outcome"]] += int(count)
    assert outcomes == Counter(interrupted=1 if script == "slow" else 2)


def test_claude_code_takes_what_a_task_chooses(place: Place, workplace: Workplace) -> None:
    manager, _ = place.server(permission_mode="acceptEdits")
    agents = place.workspace / ".claude" / "agents"
    agents.mkdir(parents=True)
    (agents / "reviewer.md").write_text("---\nname: reviewer\ndescription: Reviews.\n---\nReview it.\n")
    chosen: dict[str, Any] = {
        "agent": "reviewer",
        "permission_mode": "plan",
        "model": MODEL,
        "max_budget_picodollars": PICODOLLARS,
    }
    task = ended(manager, ask(manager, "script:cached", **chosen))
    assert (task.status, task.agent_type) == (TaskStatus.COMPLETED, "reviewer")
    modes = {line.get("permission_mode") for _, line in workplace.recorded()}
    assert modes - {None} == {"plan"}
    unknown = ended(manager, ask(manager, "script:cached", agent="nobody"))
    assert "There is no agent nobody in this workspace; choose one of" in (unknown.error or "")
    assert "reviewer" in (unknown.error or "")


def test_the_steps_of_a_task_are_what_claude_code_did(place: Place) -> None:
    manager, _ = place.server()
    costs: list[float] = []
    manager.subscribe(lambda task: costs.append(task.cost_usd or 0))
    task = ended(manager, ask(manager, "script:tour", model=MODEL))
    steps = manager.steps(task)
    found = Counter((step.tool, step.outcome) for step in steps)
    assert found[("Bash", CallOutcome.SUCCESS)] >= 1
    assert found[("Write", CallOutcome.DENIED)] == 1
    assert (task.calls, task.denied_calls) == (len(steps), sum(step.outcome is CallOutcome.DENIED for step in steps))
    assert None not in {step.outcome for step in steps}
    assert len({cost for cost in costs if 0 < cost < (task.cost_usd or 0)}) > 0


def test_the_live_cost_of_a_task_is_that_of_its_transcripts(place: Place) -> None:
    def agrees(found: Task) -> bool:
        reported = spent_so_far(found, place.transcript_roots, load_prices())
        return 0 < found.running_picodollars == reported.cost_picodollars

    manager, _ = place.server()
    task = ask(manager, "script:slow", model=MODEL)
    wait_for((place.workspace / "started").exists, "the command of the task")
    at_work = when(manager, task, agrees, "at work, with its cost")
    manager.stop(task.task_id, LOCAL_ADMIN)
    assert ended(manager, task).cost_usd == pytest.approx(at_work.cost_usd)


def is_of(task: Task, process: psutil.Process) -> bool:
    try:
        return process.environ().get("TASK_ID") == task.task_id
    except psutil.Error:
        return False


def test_its_hook_logs_name_the_task_and_its_session(place: Place, workplace: Workplace) -> None:
    task = run(place, "cached")
    assert {line["task_id"] for _, line in workplace.recorded()} == {task.task_id}
    assert {line["session_id"] for _, line in workplace.recorded()} == {task.session_uuid}


def test_progress_is_that_of_the_list_that_the_agent_keeps(place: Place) -> None:
    manager, _ = place.server()
    reported: list[float | None] = []
    manager.subscribe(lambda task: reported.append(task.progress))
    ended(manager, ask(manager, "script:listed", model="claude-sonnet-5"))
    shares = [share for share in dict.fromkeys(reported) if share is not None]
    assert shares == [0.0, 0.5, 1.0]


def test_an_api_error_that_says_success_is_a_failure(place: Place) -> None:
    task = run(place, "down", {"CLAUDE_CODE_MAX_RETRIES": "1"})
    assert (task.status, task.cost_usd) == (TaskStatus.FAILED, 0.0)
    assert "529" in (task.error or "")


def test_where_nobody_is_logged_in_a_task_says_how_to_fix_it(place: Place) -> None:
    place.environment = {name: value for name, value in place.environment.items() if name != "ANTHROPIC_API_KEY"}
    assert "not logged in; run `claude` once" in (run(place, "cached").error or "")


def test_a_task_without_the_permission_that_it_wants_says_so(place: Place) -> None:
    task = run(place, "tour")
    assert "not permitted to use Write" in (task.error or "")


def test_a_description_that_looks_like_a_flag_is_data(place: Place) -> None:
    manager, _ = place.server()
    for text in ("--help", "-p", "--session-id x --dangerously-skip-permissions", "- a list"):
        task = ended(manager, ask(manager, text, model=MODEL))
        assert (task.status, task.result) == (TaskStatus.COMPLETED, "Done.")


def test_a_long_description_arrives_whole(place: Place) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager, "€" * 99_000 + " script:cached", model=MODEL))
    assert (task.status, task.turns) == (TaskStatus.COMPLETED, 2)


def test_turns_and_budget_are_bounds(place: Place) -> None:
    manager, _ = place.server()
    turns = ask(manager, "script:tour", model=MODEL, max_turns=2)
    budget = ask(manager, "script:tour", model=MODEL, max_budget_picodollars=PICODOLLARS // 100)
    assert "limit of turns (2)" in (ended(manager, turns).error or "")
    assert "its budget of $0.01" in (ended(manager, budget).error or "")


def test_a_limit_of_turns_also_holds_after_sub_agents_in_the_background_have_ended(place: Place) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager, "script:delegate", model=MODEL, max_turns=1))
    assert (task.status, "limit of turns (1)" in (task.error or "")) == (TaskStatus.FAILED, True), task


def test_what_it_says_is_published_while_it_runs(place: Place) -> None:
    manager, _ = place.server()
    reported: list[TaskOutput] = []
    listen(manager, reported)
    ended(manager, ask(manager, "script:cached", model=MODEL))
    assert "".join(output.text for output in reported) == "Done."
    assert [output.tool for output in reported][:2] == ["Bash", None]


def listen(manager: TaskManager, reported: list[TaskOutput]) -> None:
    manager.subscribe_output(reported.append)
