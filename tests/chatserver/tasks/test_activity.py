"""What a running task has done and cost so far, on each kind of database."""

from __future__ import annotations

import json
from typing import Any

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.tasks.activity import MAX_STEPS, ActivityLog
from chatserver.tasks.records import Activity, Step, TaskStatus
from chatserver.tasks.steps import read_steps
from chatserver.tasks.stream_events import CallEnded, CallStarted, UsageReported
from exporter.model.records import Outcome
from exporter.prices.table import load_prices
from tests.chatserver.tasks.place import Place, ask, ended, when

SECRET = "sk-ant-api03-" + "a" * 95


def new_log() -> ActivityLog:
    return ActivityLog("/work/shop", load_prices().cost)


def start(log: ActivityLog, call_id: str, tool: str, agent: str = "main", **given: Any) -> None:
    log.start_call(CallStarted(call_id, tool, given, agent))


def test_a_step_says_what_a_call_is_about_and_which_file_it_changed() -> None:
    log = new_log()
    start(log, "1", "Bash", command="make\ttest\n", description="Run the tests")
    start(log, "2", "Edit", "Explore", file_path="/work/shop/src/a.py", old_string="x")
    start(log, "3", "Write", file_path="/elsewhere/b.py")
    start(log, "4", "Grep", pattern="TODO", path=7)
    start(log, "5", "mcp__it__works", deep={"a": 1})
    for call_id in "125":
        log.end_call(CallEnded(call_id, Outcome.SUCCESS))
    log.end_call(CallEnded("3", Outcome.ERROR, "<tool_use_error>No such directory.</tool_use_error>"))
    log.end_call(CallEnded("unknown", Outcome.ERROR, "x"))
    assert log.activity() == Activity(
        calls=5,
        failed_calls=1,
        changed_files=1,
        steps=(
            Step("Bash", "make test", "main", Outcome.SUCCESS),
            Step("Edit", "src/a.py", "Explore", Outcome.SUCCESS, changes="src/a.py"),
            Step("Write", "/elsewhere/b.py", "main", Outcome.ERROR, "No such directory.", "/elsewhere/b.py"),
            Step("Grep", "TODO", "main"),
            Step("mcp__it__works", "", "main", Outcome.SUCCESS),
        ),
    )
    assert log.activity(is_over=True).steps[3].outcome is Outcome.UNKNOWN


def test_files_are_counted_by_their_whole_paths() -> None:
    log, deep = new_log(), "d" * 400
    paths = ["a.py", "/work/shop/a.py", "src/../a.py", f"{deep}/a.py", f"{deep}/b.py", f"{SECRET}1", f"{SECRET}2"]
    for number, path in enumerate(paths):
        start(log, str(number), "Write", file_path=path)
        log.end_call(CallEnded(str(number), Outcome.SUCCESS))
    assert log.activity().changed_files == 5


def test_paths_are_relative_to_the_workspace_and_commands_and_patterns_stay_whole() -> None:
    log = new_log()
    start(log, "1", "Read", file_path="/work/shop/src/a.py")
    start(log, "2", "Read", file_path="/work/shopping/list")
    start(log, "3", "LS", path="/work/shop")
    start(log, "4", "Bash", command="/work/shop/bin/clean /work/shop/dist")
    start(log, "5", "Glob", pattern="/work/shop/src", path=None)
    start(log, "6", "Grep", pattern="TODO", path="/work/shop/src")
    assert [step.about for step in log.activity().steps] == [
        "src/a.py",
        "/work/shopping/list",
        ".",
        "/work/shop/bin/clean /work/shop/dist",
        "/work/shop/src",
        "TODO in src",
    ]


def test_a_denial_is_no_failure_and_what_the_server_ends_is_interrupted() -> None:
    log = new_log()
    for call_id in "1234":
        start(log, call_id, "Bash", command="x")
    log.end_call(CallEnded("1", Outcome.ERROR, "not granted"))
    log.end_call(CallEnded("1", Outcome.DENIED))
    log.interrupt()
    log.end_call(CallEnded("2", Outcome.ERROR, "Exit code 137"))
    log.end_call(CallEnded("3", Outcome.DENIED, "The user doesn't want to proceed"))
    over = log.activity(is_over=True)
    assert (over.failed_calls, over.denied_calls, over.interrupted_calls) == (0, 1, 3)
    assert [step.error for step in over.steps] == ["not granted", "", "", ""]


def test_secrets_are_in_no_step_and_texts_are_short() -> None:
    log = new_log()
    start(log, "1", "Bash", command=f"curl -H 'x-api-key: {SECRET}' " + "x" * 10_000)
    log.end_call(CallEnded("1", Outcome.ERROR, f"refused: {SECRET}\0\ud800"))
    (step,) = log.activity().steps
    assert SECRET[:20] not in repr(step)
    assert (len(step.about), step.error.encode()[:8]) == (300, b"refused:")


def test_all_calls_are_counted_and_the_latest_are_kept() -> None:
    log = new_log()
    for number in range(MAX_STEPS + 5):
        start(log, str(number), "Bash", command=str(number))
    found = log.activity()
    assert (found.calls, len(found.steps), found.steps[0].about) == (MAX_STEPS + 5, MAX_STEPS, "5")


def test_the_cost_grows_with_the_messages_and_each_counts_once() -> None:
    log, usage = new_log(), {"input_tokens": 1_000_000, "output_tokens": 1}
    costs = []
    for message_id, output in (("a", 1), ("a", 1), ("a", 100_000), ("b", 1)):
        log.count_usage(UsageReported(message_id, "claude-opus-5", {**usage, "output_tokens": output}, "main"))
        costs.append(log.cost.picodollars or 0)
    log.count_usage(UsageReported("c", "no such model", usage, "main"))
    log.count_usage(UsageReported("d", "claude-opus-5", {"input_tokens": "x", "cache_creation": 3}, "main"))
    costs.append(log.cost.picodollars or 0)
    assert costs[0] == costs[1] < costs[2] < costs[3] == costs[4]
    assert costs[3] - costs[2] == costs[0]


def working(*lines: dict[str, Any]) -> list[str]:
    return [*(f"raw {json.dumps(line)}" for line in lines), "touch ready", "wait"]


CALL = {"type": "tool_use", "id": "t1", "name": "Write", "input": {"file_path": "a.txt"}}
USAGE = {"input_tokens": 1000, "output_tokens": 1000}
STARTED = {
    "type": "assistant", "session_id": "s",
    "message": {"id": "m9", "model": "claude-sonnet-5", "content": [CALL], "usage": USAGE},
}  # fmt: skip
DONE = {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}]}}


def test_the_cost_so_far_says_what_it_lacks(place: Place) -> None:
    manager, _ = place.server()
    unknown = {"id": "m8", "model": "claude-unknown-9", "content": [], "usage": USAGE}
    lines = {"type": "assistant", "session_id": "s", "message": unknown}, STARTED
    task = ask(manager, *working(lines[0]))
    at_work = when(manager, task, lambda found: found.unpriced_tokens > 0, "at work")
    assert (at_work.cost_usd, at_work.unpriced_tokens) == (None, 2000)
    (place.workspace / "go").touch()
    assert ended(manager, task).unpriced_tokens == 0
    (place.workspace / "go").unlink()
    other = ask(manager, *working(*lines))
    at_work = when(manager, other, lambda found: found.running_picodollars > 0, "at work")
    assert (at_work.cost_usd, at_work.unpriced_tokens) == (at_work.running_picodollars / 10**12, 2000)


def test_cost_and_steps_are_live_and_stay(place: Place) -> None:
    manager, _ = place.server()
    task = ask(manager, *working(STARTED))
    at_work = when(manager, task, lambda found: found.calls == 1 and found.running_picodollars > 0, "at work")
    assert at_work.status is TaskStatus.RUNNING
    assert at_work.cost_usd == at_work.running_picodollars / 10**12
    assert manager.steps(at_work) == (Step("Write", "a.txt", "main", changes="a.txt"),)
    (place.workspace / "go").touch()
    over = ended(manager, task)
    assert (over.running_picodollars, over.calls, over.changed_files) == (0, 1, 0)
    assert [step.outcome for step in manager.steps(over)] == [Outcome.UNKNOWN]
    again = manager.restart(task.task_id, LOCAL_ADMIN)
    assert (again.calls, again.cost_picodollars) == (0, over.cost_picodollars)
    changed = ended(manager, ask(manager, *working(STARTED, DONE)))
    assert (changed.changed_files, changed.failed_calls) == (1, 0)


def test_a_stopped_task_keeps_its_steps_with_what_was_interrupted(place: Place) -> None:
    manager, _ = place.server()
    task = ask(manager, *working(STARTED))
    when(manager, task, lambda found: found.calls == 1, "at work")
    manager.stop(task.task_id, LOCAL_ADMIN)
    over = ended(manager, task)
    assert (over.status, over.interrupted_calls, over.running_picodollars) == (TaskStatus.STOPPED, 1, 0)
    manager.delete(task.task_id, LOCAL_ADMIN)
    assert read_steps(place.database, over) == ()
