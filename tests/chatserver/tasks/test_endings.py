"""A task's end is kept until the database has it, whatever is away in between: the database, or the server itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.chat.history import Chats
from chatserver.storage.database import open_database
from chatserver.storage.schema import chats
from chatserver.tasks.endings import DIRECTORY
from chatserver.tasks.records import Task, TaskStatus
from chatserver.tasks.servers import STALE_SECONDS, Heartbeats
from tests.chatserver.postgres import Postgres, programs, running_postgres
from tests.chatserver.tasks.place import Place, ask, ended, lives, running
from tests.chatserver.tasks.server_process import server_process
from tests.e2e.processes import wait_for
from tests.fakes import claude
from tests.support.full_disk import MAX_BYTES, full_disk

TASKS = 4


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that other tests do not need."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    with running_postgres(found) as server:
        yield server


@pytest.fixture
def url(own_postgres: Postgres) -> str:
    return f"postgresql+psycopg://tests@/postgres?host={own_postgres.directory}"


@pytest.fixture
def away(tmp_path: Path, url: str) -> Iterator[Place]:
    """A place whose database can be stopped."""
    with open_database(url) as database:
        place = Place(tmp_path, database, claude.install(tmp_path), dict(os.environ))
        place.workspace.mkdir()
        with place.closing:
            yield place


def kept(place: Place) -> list[Path]:
    return sorted((place.directory / DIRECTORY).glob("*.json"))


def started(place: Place, number: int = 1) -> list[Task]:
    """Tasks that end as soon as the file `go` is there."""
    manager = place.manager()
    return [running(manager, ask(manager, "wait")) for _ in range(number)]


def test_tasks_that_end_while_the_database_is_away_keep_their_results(away: Place, own_postgres: Postgres) -> None:
    manager, _ = away.server(slots=TASKS)
    tasks = started(away, TASKS)
    own_postgres.stop()
    (away.workspace / "go").touch()
    wait_for(lambda: len(kept(away)) == TASKS, "all ends to be kept")
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept(away)} == {0o600}
    own_postgres.start()
    done = [ended(manager, task) for task in tasks]
    assert {(task.status, task.result) for task in done} == {(TaskStatus.COMPLETED, "You said: wait")}
    assert {task.cost_usd for task in done} == {claude.COST_USD}
    wait_for(lambda: not kept(away), "the files to be removed")


def test_a_result_waits_until_a_failover_is_over(
    away: Place, own_postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    """Until a standby of PostgreSQL takes over, it can be read, but not written."""
    manager, _ = away.server()
    (task,) = started(away)
    with read_only(away, own_postgres):
        with pytest.raises(OperationalError):
            ask(manager, "another")
        (away.workspace / "go").touch()
        wait_for(lambda: "could not be stored, since the database is read-only" in caplog.text, "the log to say so")
    assert ended(manager, task).status is TaskStatus.COMPLETED
    assert "Traceback" not in caplog.text


def test_a_result_for_which_the_disk_has_no_space_leaves_no_part_of_a_file_and_is_stored_later(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    manager, _ = place.server()
    task = running(manager, ask(manager, "wait", "x" * 2 * MAX_BYTES))
    with full_disk():
        (place.workspace / "go").touch()
        wait_for(lambda: "1.json cannot be written (File too large)" in caplog.text, "the log to say so")
        assert list((place.directory / DIRECTORY).iterdir()) == []
    assert ended(manager, task).status is TaskStatus.COMPLETED


@contextmanager
def read_only(place: Place, server: Postgres) -> Iterator[None]:
    """Have all transactions be read-only until the end of the block."""
    setting = "default_transaction_read_only"

    def is_set(value: str) -> bool:
        show = text(f"SHOW {setting}")
        shown: str = place.database.run_read_only(lambda connection: connection.execute(show).scalar_one())
        return shown == value

    with psycopg.connect(host=server.directory, user="tests", dbname="postgres", autocommit=True) as connection:

        def switch(value: str) -> None:
            connection.execute(f"ALTER SYSTEM SET {setting} = {value}")
            connection.execute("SELECT pg_reload_conf()")
            wait_for(lambda: is_set(value), "the setting to be read")

        switch("on")
        try:
            yield
        finally:
            switch("off")


def test_a_chat_continues_with_the_session_that_began_while_the_database_was_away(
    away: Place, own_postgres: Postgres
) -> None:
    known = Chats(away.database)
    chat = known.create("ann", "x")
    manager, _ = away.server()
    task = ask(manager, "wait", chat_id=chat.chat_id)
    session = wait_for(lambda: known.get(chat.chat_id, "ann").session_uuid, "the session to begin")
    forget = update(chats).values(session_uuid=None)  # as if the database had been away then
    away.database.run(lambda connection: connection.execute(forget))
    own_postgres.stop()
    (away.workspace / "go").touch()
    wait_for(lambda: kept(away), "the end to be kept")
    own_postgres.start()
    assert ended(manager, task).status is TaskStatus.COMPLETED
    assert known.get(chat.chat_id, "ann").session_uuid == session


def test_the_next_server_stores_what_one_that_was_killed_could_not(
    away: Place, url: str, own_postgres: Postgres
) -> None:
    with server_process(away, url, "here") as process:
        (task,) = started(away)
        own_postgres.stop()
        (away.workspace / "go").touch()
        wait_for(lambda: kept(away), "the end to be kept")
        process.kill()
        process.wait()
    own_postgres.start()
    manager, _ = away.server("here")
    done = ended(manager, task)
    assert (done.status, done.result, done.cost_usd) == (TaskStatus.COMPLETED, "You said: wait", claude.COST_USD)
    assert not kept(away)


def test_a_server_that_stops_while_the_database_is_away_says_so_once_it_is_back(
    away: Place, own_postgres: Postgres
) -> None:
    _, pool = away.server("here")
    (task,) = started(away)
    wait_for(away.calls, "the task to be at work")
    own_postgres.stop()
    pool.stop()
    assert not lives(away.calls()[0]["pid"])
    own_postgres.start()
    manager, _ = away.server("here")
    assert "The server was stopped while it ran" in (ended(manager, task).error or "")


def test_a_file_whose_end_is_stored_is_removed_by_the_next_server(place: Place) -> None:
    manager, pool = place.server()
    task = ended(manager, ask(manager))
    pool.stop()
    left = place.directory / DIRECTORY / f"{task.task_id}.{task.attempts}.json"
    left.write_text("{}")
    place.server()
    wait_for(lambda: not left.exists(), "the file to be removed")
    assert manager.get(task.task_id, LOCAL_ADMIN) == task


def test_a_result_that_no_database_can_store_as_it_is_ends_its_task(place: Place) -> None:
    manager, _ = place.server()
    result = (
        r'raw {"type":"result","is_error":false,"result":"a\u0000b","num_turns":99999999999,"total_cost_usd":1e14,'
        r'"modelUsage":{"m":{"inputTokens":999999999999999,"costUSD":1e14}}}'
    )
    task = ended(manager, ask(manager, result, "exit 0"))
    assert (task.status, task.result) == (TaskStatus.COMPLETED, "a\ufffdb")
    again = ended(manager, manager.restart(task.task_id, LOCAL_ADMIN))
    assert again.turns <= 2 * 10**6
    assert again.cost_picodollars == 2 * 10**18


def test_no_server_is_taken_for_gone_because_the_database_was_away() -> None:
    heartbeats = Heartbeats(0)
    assert heartbeats.may_judge_others(5)
    heartbeats.note_success(5)
    assert heartbeats.are_stale(5 + STALE_SECONDS + 1)
    heartbeats.note_success(80)
    assert not heartbeats.are_stale(80)
    assert not heartbeats.may_judge_others(80 + STALE_SECONDS - 1)
    assert heartbeats.may_judge_others(80 + STALE_SECONDS)
