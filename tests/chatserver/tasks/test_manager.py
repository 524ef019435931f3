"""What can be asked of tasks, by whom, and that a status moves only where it may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Connection, insert, text, update

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.storage.database import Database
from chatserver.storage.schema import chats, tasks
from chatserver.tasks.errors import (
    AmbiguousTaskError,
    InvalidTaskError,
    UnknownTaskError,
    WrongStatusError,
)
from chatserver.tasks.queries import listing
from chatserver.tasks.records import TRANSITIONS, Outcome, Task, TaskFilter, TaskStatus
from chatserver.tasks.store import TaskStore
from exporter.model.money import PICODOLLARS
from tests.chatserver.people import ANN, BOB
from tests.chatserver.tasks.outcomes import DONE, claimed
from tests.chatserver.tasks.place import Place, ask

FAILED = Outcome(TaskStatus.FAILED, error="It broke.")


@pytest.fixture
def store(database: Database) -> TaskStore:
    return TaskStore(database)


def in_status(place: Place, store: TaskStore, status: TaskStatus) -> Task:
    """A task that has come there by the way that tasks come."""
    task = ask(place.manager())
    if status is TaskStatus.STOPPED:
        return store.stop(task.task_id)
    if status is TaskStatus.PENDING:
        return task
    task = claimed(store)
    if status is not TaskStatus.RUNNING:
        task = store.finish_run(task, replace(DONE, status=status)) or task
    return task


@pytest.mark.parametrize("status", list(TaskStatus))
def test_a_status_moves_only_along_the_table(place: Place, store: TaskStore, status: TaskStatus) -> None:
    task = in_status(place, store, status)
    assert task.status is status
    moves: dict[TaskStatus, Callable[[str], Task]] = {
        TaskStatus.STOPPED: store.stop,
        TaskStatus.PENDING: partial(store.requeue, viewer=ANN),
    }
    for to, move in moves.items():
        if to not in TRANSITIONS[status]:
            with pytest.raises(WrongStatusError, match=f"is {status}"):
                move(task.task_id)
    assert place.manager().get(task.task_id, LOCAL_ADMIN) == task
    for to in TRANSITIONS[status]:
        if to in moves:
            assert moves[to](task.task_id).status is to


def test_of_many_who_stop_or_finish_a_task_at_once_one_wins(place: Place, store: TaskStore) -> None:
    ask(place.manager())
    task = claimed(store)
    won: list[TaskStatus] = []
    start = threading.Barrier(8)

    def stop() -> None:
        start.wait()
        with suppress(WrongStatusError):
            won.append(store.stop(task.task_id).status)

    def finish() -> None:
        start.wait()
        if (ended := store.finish_run(task, DONE)) and ended.status is TaskStatus.COMPLETED:
            won.append(ended.status)

    threads = [threading.Thread(target=work) for work in (stop, finish) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = place.manager().get(task.task_id, LOCAL_ADMIN)
    assert won == [now.status]
    assert (now.cost_picodollars, now.server) == (PICODOLLARS, None)  # noted once, whoever won
    (run,) = place.manager().finished_since(0)
    assert (run.status, run.cost_picodollars) == (now.status, PICODOLLARS)


def test_many_servers_claim_each_task_once(place: Place, store: TaskStore) -> None:
    manager = place.manager()
    asked = {ask(manager, user=(ANN, BOB, LOCAL_ADMIN)[number % 3]).task_id for number in range(12)}
    got: list[str] = []

    def claim(server: str) -> None:
        while task := store.claim_task(server):
            got.append(task.task_id)

    threads = [threading.Thread(target=claim, args=(f"server{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(asked)


def test_what_ends_an_older_run_changes_nothing(place: Place, store: TaskStore) -> None:
    ask(place.manager())
    first = claimed(store)
    store.finish_run(first, FAILED)
    store.requeue(first.task_id, ANN)
    second = claimed(store)
    assert store.finish_run(first, DONE) is None
    assert store.record_progress(first, 0.5) is None
    assert place.manager().get(first.task_id, LOCAL_ADMIN) == second


def test_while_processes_of_a_stopped_task_may_live_it_is_neither_restarted_nor_deleted(
    place: Place, store: TaskStore
) -> None:
    manager = place.manager()
    ask(manager)
    task = claimed(store)
    manager.stop(task.task_id, ANN)
    for act in (manager.restart, manager.delete):
        with pytest.raises(WrongStatusError, match="still being ended"):
            act(task.task_id, ANN)
    store.finish_run(task, FAILED)
    assert manager.restart(task.task_id, ANN).status is TaskStatus.PENDING
    assert manager.delete(task.task_id, ANN).task_id == task.task_id


def test_of_one_chat_one_task_runs_at_a_time_in_the_order_in_which_they_were_asked(
    place: Place, store: TaskStore
) -> None:
    chat = {"chat_id": "c", "user_id": "ann", "title": "", "created_us": 1, "updated_us": 1}
    place.database.run(lambda connection: connection.execute(insert(chats).values(chat)))
    manager = place.manager()
    first, second = (ask(manager, chat_id="c") for _ in range(2))
    assert claimed(store).task_id == first.task_id
    assert store.claim_task("there") is None
    begun = manager.get(first.task_id, ANN)
    store.record_session(begun, begun.session_uuid or "")
    manager.stop(first.task_id, ANN)
    assert store.claim_task("there") is None  # its process may still write to the session
    store.finish_run(begun, DONE)
    again = claimed(store, "there")
    assert (again.task_id, again.session_uuid, again.resumes) == (second.task_id, begun.session_uuid, True)


def test_who_waits_for_a_pending_task_learns_that_it_is_deleted(place: Place) -> None:
    manager, changes = place.manager(), list[Task]()
    task = ask(manager)
    manager.subscribe(changes.append)
    deleted = manager.delete(task.task_id, ANN)
    assert (deleted.task_id, deleted.status) == (task.task_id, TaskStatus.STOPPED)
    assert changes == [deleted]
    assert manager.list(TaskFilter(), ANN).tasks == ()


def test_no_run_ends_before_it_started_also_if_the_clock_is_set_back(place: Place, store: TaskStore) -> None:
    ask(place.manager())
    run = claimed(store)
    started_us = (run.started_us or 0) + 3_600_000_000
    later = update(tasks).values(started_us=started_us)
    place.database.run(lambda connection: connection.execute(later))
    ended = store.finish_run(run, DONE)
    assert ended
    assert ended.finished_us == started_us


def test_people_see_and_touch_their_own_tasks_and_admins_all(place: Place) -> None:
    manager = place.manager()
    anns, bobs = ask(manager), ask(manager, user=BOB)
    assert manager.list(TaskFilter(), ANN).tasks == (anns,)
    assert manager.list(TaskFilter(), LOCAL_ADMIN).tasks == (bobs, anns)
    assert manager.list(TaskFilter(user_id="bob"), ANN).tasks == ()
    for act in (manager.get, manager.start, manager.stop, manager.restart, manager.delete):
        with pytest.raises(UnknownTaskError):
            act(bobs.task_id, ANN)
    assert manager.counts(ANN)[TaskStatus.PENDING] == 1
    assert manager.stop_all(ANN)[0].task_id == anns.task_id
    assert manager.counts(LOCAL_ADMIN) == {**dict.fromkeys(TaskStatus, 0), TaskStatus.PENDING: 1, TaskStatus.STOPPED: 1}


def test_an_id_may_be_any_unique_prefix(place: Place, store: TaskStore) -> None:
    template = ask(place.manager())
    manager = place.manager()
    for task_id in ("abc1", "abc2", "abc"):
        store.add_task(replace(template, task_id=task_id), ANN)
    assert manager.get("abc", ANN).task_id == "abc"
    assert manager.get(" ABC1 ", ANN).task_id == "abc1"
    with pytest.raises(AmbiguousTaskError):
        manager.get("ab", ANN)
    for nonsense in ("", "xyz", "%", "_", "abc3", "a" * 100, "\0"):
        with pytest.raises(UnknownTaskError):
            manager.get(nonsense, ANN)


def test_pages_follow_each_other_and_hold_each_task_once(place: Place) -> None:
    manager = place.manager()
    asked = [ask(manager, agent_type="a" if number % 2 else "b", workflow="w") for number in range(7)]
    found: list[Task] = []
    cursor = None
    while True:
        page = manager.list(TaskFilter(), ANN, limit=3, cursor=cursor)
        found += page.tasks
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == asked[::-1]
    assert len(manager.list(TaskFilter(agent_type="a", workflow="w"), ANN).tasks) == 3
    assert len(manager.list(TaskFilter(since_us=asked[4].created_us), ANN).tasks) == 3
    for nonsense in ("", "x", "1", "1.", "-1.abc", "1.ABC", "9" * 30 + ".a", "1.a'--"):
        with pytest.raises(InvalidTaskError):
            manager.list(TaskFilter(), ANN, cursor=nonsense)


def test_failed_tasks_are_cleared_and_what_they_cost_stays_counted(place: Place, store: TaskStore) -> None:
    manager = place.manager()
    ask(manager)
    store.finish_run(claimed(store), replace(DONE, status=TaskStatus.FAILED))
    assert (manager.clear_failed(BOB), manager.clear_failed(ANN)) == (0, 1)
    assert manager.spent_since(0).picodollars == PICODOLLARS


def test_lists_and_counts_use_their_indices(place: Place) -> None:
    template = ask(place.manager())
    statuses = ["completed"] * 9 + ["pending"]

    def fill(connection: Connection) -> None:
        rows = [
            {
                **{column.name: getattr(template, column.name) for column in tasks.c},
                "task_id": f"{number:08x}", "user_id": f"user{number % 50}", "status": statuses[number % 10],
                "created_us": number,
            }
            for number in range(5000)
        ]  # fmt: skip
        connection.execute(insert(tasks), rows)
        connection.execute(text("ANALYZE"))

    place.database.run(fill)
    explain = "EXPLAIN QUERY PLAN" if place.database.is_sqlite else "EXPLAIN"

    def plan(connection: Connection, query: object) -> str:
        sql = query.compile(connection, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined] # a select
        return "\n".join(str(tuple(row)) for row in connection.execute(text(f"{explain} {sql}".replace(":", r"\:"))))

    def plans(connection: Connection) -> tuple[str, str]:
        return (
            plan(connection, listing(TaskFilter((TaskStatus.PENDING,)), Viewer("user7"))),
            plan(connection, listing(TaskFilter(), LOCAL_ADMIN, "2500.a").limit(50)),
        )

    counted, listed = place.database.run_read_only(plans)
    assert "idx_tasks_user_status" in counted
    assert "idx_tasks_created" in listed
