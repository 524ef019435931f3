"""The pool: tasks run, end, are stopped, and no process outlives its task."""

from __future__ import annotations

import errno
import itertools
import os
import tempfile
import threading
from pathlib import Path
from typing import IO

import psutil
import pytest

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.tasks.records import Task, TaskFilter, TaskOutput, TaskStatus
from tests.chatserver.people import ANN, BOB
from tests.chatserver.tasks.place import Place, ask, ended, lives, running, when
from tests.e2e.processes import wait_for
from tests.fakes import claude


def test_a_task_runs_and_has_a_result_cost_tokens_and_turns(place: Place) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager, "hello"))
    assert (task.status, task.result, task.error) == (TaskStatus.COMPLETED, "You said: hello", None)
    assert (task.cost_usd, task.tokens, task.turns) == (claude.COST_USD, claude.TOKENS, claude.TURNS)
    assert (task.attempts, task.progress) == (1, 1.0)
    assert manager.spent_since(0).picodollars == task.cost_picodollars


def test_what_is_asked_is_data_and_the_server_keeps_its_secrets(place: Place) -> None:
    secrets = {
        "HOOKMETER_KEY": "x",
        "JWT_SECRET_KEY": "x",
        "MY_DATABASE_URL": "x",
        "PGPASSWORD": "x",
        "CREDENTIALS_DIRECTORY": "x",
        "NOTIFY_SOCKET": "x",
        "LISTEN_FDS": "x",
        "CLAUDECODE": "1",
    }
    kept = {"ANTHROPIC_API_KEY": "k", "CLAUDE_CONFIG_DIR": "c", "HOOKMETER_SESSIONS_DIR": "s"}
    place.environment = {**place.environment, **secrets, **kept}
    manager, _ = place.server(permission_mode="acceptEdits")
    task = ended(
        manager, ask(manager, "--help; $(touch /x)", model="some[1m]", max_turns=3, max_budget_picodollars=10**11)
    )
    (call,) = place.calls()
    assert call["prompt"] == task.description
    assert not any("--help" in word for word in call["argv"])
    *options, settings_option, _recorder = call["argv"][5:]
    assert settings_option == "--settings"
    assert options == [
        "--session-id", task.session_uuid, "--model=some[1m]", "--permission-mode=acceptEdits", "--max-turns=3",
        "--max-budget-usd=0.1",
    ]  # fmt: skip
    assert not set(secrets) & set(call["env"])
    assert kept.items() <= call["env"].items()
    assert call["env"]["TASK_ID"] == task.task_id


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_stopped_task_leaves_no_process_behind(place: Place, stubborn: bool) -> None:
    manager, _ = place.server()
    task = running(manager, ask(manager, *(["ignore-signals"] if stubborn else []), "orphan", "touch ready", "wait"))
    wait_for((place.workspace / "ready").exists, "the orphan")
    assert manager.stop(task.task_id[:8], LOCAL_ADMIN).status is TaskStatus.STOPPED
    task = ended(manager, task)
    assert (task.status, task.pid) == (TaskStatus.STOPPED, None)
    orphan = int((place.workspace / "orphan").read_text())
    assert not lives(orphan)
    assert not lives(place.calls()[0]["pid"])


@pytest.mark.parametrize("kind", ["member", "stranger", "orphan"])
def test_a_completed_task_leaves_none_behind_whatever_its_session_and_environment(place: Place, kind: str) -> None:
    manager, _ = place.server()
    assert ended(manager, ask(manager, kind)).status is TaskStatus.COMPLETED
    assert not lives(int((place.workspace / kind).read_text()))


def test_a_stopped_task_leaves_no_stranger_behind_either(place: Place) -> None:
    manager, pool = place.server()
    task = running(manager, ask(manager, "ignore-signals", "stranger", "touch ready", "wait"))
    wait_for((place.workspace / "ready").exists, "the stranger")
    manager.stop(task.task_id, LOCAL_ADMIN)
    assert ended(manager, task).status is TaskStatus.STOPPED
    assert not lives(int((place.workspace / "stranger").read_text()))
    wait_for(lambda: not pool.busy, "the slot")


def test_processes_that_lost_their_parent_to_a_signal_are_found_by_their_marks(place: Place) -> None:
    manager, _ = place.server()
    task = running(manager, ask(manager, "orphan", "touch ready", "wait"))
    wait_for((place.workspace / "ready").exists, "the orphan")
    psutil.Process(task.pid).kill()
    assert ended(manager, task).status is TaskStatus.FAILED
    assert not lives(int((place.workspace / "orphan").read_text()))
    assert not lives(place.calls()[0]["pid"])


def test_a_task_that_takes_too_long_fails(place: Place) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager, "wait", timeout_seconds=1))
    assert (task.status, task.error_category) == (TaskStatus.FAILED, "timeout")
    assert "timed out after 1 s" in (task.error or "")


@pytest.mark.parametrize(
    ("lines", "error", "category"),
    [
        (["complain No such file or directory", "exit 3"], "No such file or directory", "file_not_found"),
        (["exit 3"], "without a result, with exit code 3", "other"),
        (["exit 0"], "without a result, with exit code 0", "other"),
        (['raw {"type":"result","subtype":"success","is_error":true,"result":"Not logged in"}', "exit 1"], "/login",
         "permission_denied"),
        (['raw {"type":"result","subtype":"error_max_turns","is_error":true,"errors":["Reached maximum number of turns'
          ' (3)"]}', "exit 1"], "limit of turns (3)", "resource_error"),
    ],
)  # fmt: skip
def test_a_failure_says_why(place: Place, lines: list[str], error: str, category: str) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager, *lines))
    assert task.status is TaskStatus.FAILED
    assert error in (task.error or "")
    assert task.error_category in {category, "command_failed"}


def test_without_claude_code_a_task_fails_at_once_and_says_how_to_fix_it(place: Place) -> None:
    manager, _ = place.server(claude="no-such-claude")
    task = ended(manager, ask(manager))
    assert (task.status, task.error_category) == (TaskStatus.FAILED, "command_not_found")
    assert "install it, or name it with --claude" in (task.error or "")


def test_a_full_disk_for_temporary_files_is_the_reason_and_leaves_no_open_file(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, files = tempfile.TemporaryFile, itertools.count(1)

    def second_without_space() -> IO[bytes]:
        if next(files) % 2 == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real()

    manager, pool = place.server()
    ended(manager, ask(manager, "exit 0"))
    wait_for(lambda: pool.busy == 0, "the slot to be free")
    before = psutil.Process().num_fds()
    monkeypatch.setattr("chatserver.tasks.claude_cli.tempfile.TemporaryFile", second_without_space)
    attempts = 10  # more than the connections that the database may have opened meanwhile
    for _ in range(attempts):
        task = ended(manager, ask(manager, "exit 0"))
        assert (task.error or "").endswith(f"cannot be started in {place.workspace} (No space left on device).")
    wait_for(lambda: pool.busy == 0, "the slot to be free")
    assert psutil.Process().num_fds() < before + attempts


def test_a_key_that_the_api_refuses_again_and_again_fails_the_task_at_once(place: Place) -> None:
    manager, _ = place.server()
    retry = 'raw {"type":"system","subtype":"api_retry","attempt":2,"error_status":401,"error":"authentication_failed"}'
    assert "not logged in" in (ended(manager, ask(manager, retry, "wait")).error or "")


def test_no_more_run_at_once_than_there_are_slots_the_oldest_first_and_in_turn_for_each_user(place: Place) -> None:
    manager, pool = place.server(slots=1)
    first = running(manager, ask(manager, "wait"))
    asked = [ask(manager, f"touch {user.user_id}{number}", user=user) for user in (ANN, BOB) for number in range(2)]
    assert (pool.busy, pool.slots) == (1, 1)
    (place.workspace / "go").touch()
    tasks = [ended(manager, task) for task in (first, *asked)]
    order = sorted(tasks, key=lambda task: task.started_us or 0)
    assert [task.description for task in order] == ["wait", "touch bob0", "touch ann0", "touch bob1", "touch ann1"]


def test_a_waiting_task_can_be_put_first(place: Place) -> None:
    manager = place.manager()
    tasks = [ask(manager, f"touch {number}") for number in range(3)]
    manager.start(tasks[2].task_id, LOCAL_ADMIN)
    manager, _ = place.server(slots=1)
    begun = [ended(manager, task).started_us or 0 for task in tasks]
    assert begun[2] < begun[0] < begun[1]


def test_a_restarted_task_runs_again_in_a_new_session_and_its_costs_add_up(place: Place) -> None:
    manager, _ = place.server()
    first = ended(manager, ask(manager))
    second = ended(manager, manager.restart(first.task_id, LOCAL_ADMIN))
    assert first.session_uuid != second.session_uuid
    assert (second.attempts, second.cost_usd) == (2, None)  # it has no result, and no transcript either
    third = ended(manager, ask(manager, "touch it"))
    assert ended(manager, manager.restart(third.task_id, LOCAL_ADMIN)).cost_usd == 2 * claude.COST_USD


def test_what_a_task_writes_is_published_as_it_is_written(place: Place) -> None:
    manager, _ = place.server()
    told: list[TaskOutput] = []
    manager.subscribe_output(told.append)
    use = '{"type":"tool_use","name":"Bash","input":{}}'
    task = ended(manager, ask(
        manager,
        'raw {"type":"assistant","message":{"id":"m2","content":[' + use + "]}}",
        'raw {"type":"user","message":{"content":[]}}',
    ))  # fmt: skip
    assert {output.task_id for output in told} == {task.task_id}
    assert "".join(output.text for output in told) == task.result
    assert [output.tool for output in told if not output.text] == ["Bash", None]


def test_the_progress_is_that_of_the_todo_list(place: Place) -> None:
    manager, _ = place.server()
    todos = '[{"status":"completed"},{"status":"pending"}]'
    use = f'{{"type":"tool_use","name":"TodoWrite","input":{{"todos":{todos}}}}}'
    line = f'raw {{"type":"assistant","message":{{"id":"m2","content":[{use}]}}}}'
    task = ask(manager, line, "wait")
    assert when(manager, task, lambda found: found.progress is not None, "half done").progress == 0.5
    (place.workspace / "go").touch()
    assert ended(manager, task).progress == 1.0


def test_a_server_that_is_stopped_ends_its_tasks_and_says_so(place: Place) -> None:
    manager, pool = place.server()
    task = running(manager, ask(manager, "touch ready", "wait"))
    wait_for((place.workspace / "ready").exists, "the task to be at work")
    pool.stop()
    task = manager.get(task.task_id, LOCAL_ADMIN)
    assert (task.status, task.server, task.error_category) == (TaskStatus.FAILED, None, "interrupted")
    assert not lives(place.calls()[0]["pid"])


def test_every_change_is_published_once_and_in_order_on_every_server(place: Place) -> None:
    told: dict[str, list[Task]] = {"here": [], "there": []}
    manager, _ = place.server("here")
    manager.subscribe(told["here"].append)
    other, _ = place.server("there", slots=0)
    other.subscribe(told["there"].append)
    task = ended(manager, ask(manager, "touch it"))
    for changes in told.values():
        wait_for(lambda told=changes: told and told[-1].status is TaskStatus.COMPLETED, "the news")  # type: ignore[misc]
        assert {change.task_id for change in changes} == {task.task_id}
        stamps = [change.changed_us for change in changes]
        assert stamps == sorted(set(stamps))
    assert [change.status for change in told["here"]][:2] == [TaskStatus.PENDING, TaskStatus.RUNNING]


def test_a_task_is_stopped_by_a_server_that_does_not_run_it(place: Place) -> None:
    manager, _ = place.server("here")
    other, _ = place.server("there", slots=0)
    task = running(manager, ask(other, "touch ready", "wait"))
    wait_for((place.workspace / "ready").exists, "the task to be at work")
    assert task.server == "here"
    other.stop(task.task_id, LOCAL_ADMIN)
    ended(other, task)
    assert not lives(place.calls()[0]["pid"])


def test_two_servers_never_run_one_task_twice(place: Place) -> None:
    manager, _ = place.server("here", slots=2)
    other, _ = place.server("there", slots=2)
    tasks = [ask(asked, f"touch {number}") for number, asked in enumerate([manager, other] * 6)]
    assert {ended(manager, task).attempts for task in tasks} == {1}
    prompts = [call["prompt"] for call in place.calls()]
    assert sorted(prompts) == sorted(task.description for task in tasks)


def test_a_directory_that_became_a_link_meanwhile_is_not_worked_in(place: Place) -> None:
    (place.workspace / "sub").mkdir()
    task = ask(place.manager(), workspace="sub")
    (place.workspace / "sub").rmdir()
    (place.workspace / "sub").symlink_to(Path("/tmp"))
    manager, _ = place.server()
    assert "contains a symbolic link" in (ended(manager, task).error or "")


def test_many_stops_and_the_end_of_a_task_never_both_win(place: Place) -> None:
    manager, _ = place.server(slots=2)
    tasks = [ask(manager, "touch it") for _ in range(4)]
    won: list[str] = []

    def stop(task: Task) -> None:
        try:
            won.append(manager.stop(task.task_id, LOCAL_ADMIN).task_id)
        except Exception as error:
            assert "cannot be stopped" in str(error)  # noqa: PT017

    threads = [threading.Thread(target=stop, args=(task,)) for task in tasks for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = {task.task_id: ended(manager, task).status for task in tasks}
    assert sorted(won) == sorted(name for name, status in statuses.items() if status is TaskStatus.STOPPED)
    runs = manager.finished_since(0)
    assert {run.task_id: run.status for run in runs} == statuses
    assert len(runs) == len(tasks)
    assert not manager.list(TaskFilter((TaskStatus.PENDING, TaskStatus.RUNNING)), LOCAL_ADMIN).tasks
