"""Servers that vanish: no task stays behind as running, and no process of one either."""

from __future__ import annotations

from sqlalchemy import update

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.storage.schema import servers
from chatserver.tasks.records import TaskStatus
from chatserver.tasks.store import TaskStore
from tests.chatserver.tasks.outcomes import claimed
from tests.chatserver.tasks.place import Place, ask, ended, lives, running
from tests.chatserver.tasks.server_process import server_process
from tests.e2e.processes import wait_for


def test_a_server_that_was_killed_leaves_no_running_task_once_it_is_back(place: Place, database_url: str) -> None:
    manager = place.manager()
    task = ask(manager, "orphan", "touch ready", "wait")
    with server_process(place, database_url, "here") as process:
        running(manager, task)
        wait_for((place.workspace / "ready").exists, "the task to be at work")
        waiting = [ask(manager, "touch later") for _ in range(2)]
        process.kill()
        process.wait()
    pid, orphan = place.calls()[0]["pid"], int((place.workspace / "orphan").read_text())
    assert manager.get(task.task_id, LOCAL_ADMIN).status is TaskStatus.RUNNING
    wait_for(lambda: not lives(pid) and not lives(orphan), "the processes to end with their server")
    manager, _ = place.server("here")
    task = ended(manager, task)
    assert (task.status, task.error_category, task.cost_usd) == (TaskStatus.FAILED, "interrupted", None)
    assert "ended unexpectedly" in (task.error or "")
    assert {ended(manager, one).status for one in waiting} == {TaskStatus.COMPLETED}


def test_tasks_of_a_server_that_is_silent_for_too_long_are_failed_by_another(place: Place, database_url: str) -> None:
    manager = place.manager()
    task = ask(manager, "touch ready", "wait")
    with server_process(place, database_url, "there") as process:
        running(manager, task)
        wait_for((place.workspace / "ready").exists, "the task to be at work")
        process.kill()
        process.wait()
    assert manager.get(task.task_id, LOCAL_ADMIN).status is TaskStatus.RUNNING
    long_ago = update(servers).where(servers.c.server == "there").values(seen_us=1)
    place.database.run(lambda connection: connection.execute(long_ago))
    place.server("here", slots=0)
    assert ended(manager, task).status is TaskStatus.FAILED
    assert not lives(place.calls()[0]["pid"])


def test_a_task_whose_claim_was_stored_before_the_database_vanished_is_run(place: Place) -> None:
    manager, _ = place.server("here", slots=1)
    running(manager, ask(manager, "wait"))
    task = ask(manager, "touch it")
    assert claimed(TaskStore(place.database), "here").task_id == task.task_id
    (place.workspace / "go").touch()
    assert ended(manager, task).status is TaskStatus.COMPLETED


def test_what_a_living_server_runs_is_left_alone(place: Place) -> None:
    manager, _ = place.server("here")
    task = running(manager, ask(manager, "wait"))
    other, _ = place.server("there")
    assert ended(other, ask(other, "touch go")).server is None
    assert ended(other, task).status is TaskStatus.COMPLETED
