"""No task waits or runs for somebody who was removed, whatever happens at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from chatserver.accounts.users import Users
from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.tasks.errors import LoggedOutError, OwnerRemovedError, TooManyTasksError
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import OPEN, TaskFilter
from chatserver.tasks.store import TaskStore
from tests.chatserver.people import ANN
from tests.chatserver.tasks.place import Place, ask
from tests.e2e.processes import wait_for

THREADS = 4


def test_a_request_that_was_admitted_before_a_new_password_is_refused_after_it(place: Place) -> None:
    manager = place.manager()
    task = manager.stop(ask(manager).task_id, ANN)
    Users(place.database).change_password("ann", "another password")
    with pytest.raises(LoggedOutError, match="log in again"):
        ask(manager)
    with pytest.raises(LoggedOutError, match="log in again"):
        manager.restart(task.task_id, ANN)


def test_tasks_that_are_queued_while_their_user_is_removed_are_refused_or_stopped(place: Place) -> None:
    manager, store = place.manager(), TaskStore(place.database)
    with ThreadPoolExecutor(THREADS) as threads:
        asking = [threads.submit(ask_until_refused, manager) for _ in range(THREADS)]
        wait_for(lambda: manager.open_tasks(ANN), "tasks to be queued")
        Users(place.database).remove("ann")
        store.stop_all_of(ANN.user_id)
        assert all(one.result() is LoggedOutError for one in asking)
    assert manager.list(TaskFilter(OPEN), LOCAL_ADMIN).tasks == ()


def test_the_tasks_of_a_removed_user_are_not_restarted(place: Place) -> None:
    manager = place.manager()
    task = manager.stop(ask(manager).task_id, ANN)
    Users(place.database).remove("ann")
    with pytest.raises(OwnerRemovedError, match="create a new task"):
        manager.restart(task.task_id, LOCAL_ADMIN)


def ask_until_refused(manager: TaskManager) -> type[Exception]:
    try:
        while True:
            with suppress(TooManyTasksError):  # as many as may wait, until they are stopped
                ask(manager)
    except LoggedOutError as refusal:
        return type(refusal)
