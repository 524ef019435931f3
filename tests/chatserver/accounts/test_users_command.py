"""`users add|passwd|list|remove`, as processes, on each kind of database."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from chatserver.accounts.users import Users
from chatserver.storage.database import Database, open_database
from chatserver.tasks.errors import LoggedOutError
from chatserver.tasks.records import TaskStatus
from tests.chatserver.accounts.site import PASSWORD
from tests.chatserver.people import ANN, BOB
from tests.chatserver.tasks.place import Place, ask, ended, lives, running
from tests.e2e.processes import wait_for
from tests.fakes import claude

PATIENCE = 30
PROGRAM = "from chatserver.cli.users import users; users(prog_name='users')"


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOOKMETER_")}
    return {**kept, "HOOKMETER_DATABASE_URL": database_url, "HOOKMETER_DATA_DIR": str(tmp_path), "TERM": "dumb"}


def run(environment: dict[str, str], *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *words]
    return subprocess.run(
        command, env=environment, input=typed, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def refused(environment: dict[str, str], *words: str, typed: str = "") -> str:
    result = run(environment, *words, typed=typed)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    return line


def test_people_come_and_go(environment: dict[str, str], database_url: str) -> None:
    assert run(environment, "list").stdout.startswith("There are no users yet")
    assert run(environment, "add", "Root", "--admin", typed=PASSWORD + "\n").stdout == "root can log in now.\n"
    assert run(environment, "add", "ann", typed=PASSWORD).stdout == "ann can log in now.\n"
    listed = json.loads(run(environment, "list", "--json").stdout)
    assert [(one["name"], one["role"]) for one in listed] == [("ann", "user"), ("root", "admin")]
    assert [line.split()[:2] for line in run(environment, "list").stdout.splitlines()[1:]] == [
        ["ann", "user"],
        ["root", "admin"],
    ]
    with open_database(database_url) as database:
        users = Users(database)
        ann = users.authenticate("ann", PASSWORD)
        assert ann
        assert "logged out everywhere" in run(environment, "passwd", "ann", typed="another password\n").stdout
        changed = users.authenticate("ann", "another password")
        assert changed
        assert changed.tokens_valid_from_us > ann.tokens_valid_from_us
        assert run(environment, "remove", "ann").returncode == 0
        assert users.authenticate("ann", "another password") is None
        assert [user.name for user in users.list()] == ["root"]


def test_what_cannot_be_done_is_one_sentence(environment: dict[str, str]) -> None:
    run(environment, "add", "root", "--admin", typed=PASSWORD)
    run(environment, "add", "ann", typed=PASSWORD)
    assert "The user 'ann' exists already" in refused(environment, "add", "ANN", typed=PASSWORD)
    assert "too short" in refused(environment, "add", "bob", typed="")
    assert "too long" in refused(environment, "add", "bob", typed="x" * 5000)
    assert "Invalid user name" in refused(environment, "add", "b b", typed=PASSWORD)
    assert "There is no user 'bob'" in refused(environment, "remove", "bob")
    assert "There is no user 'bob'" in refused(environment, "passwd", "bob", typed=PASSWORD)
    broken = {**environment, "HOOKMETER_DATABASE_URL": "sqlite:////proc/none/server.sqlite3"}
    assert "cannot be" in refused(broken, "list")


def test_the_first_user_is_an_admin_and_the_last_admin_stays_one(environment: dict[str, str]) -> None:
    added = "ann can log in now.\nAs the first user, ann is an admin, who sees everything.\n"
    assert run(environment, "add", "ann", typed=PASSWORD).stdout == added
    assert run(environment, "add", "bob", typed=PASSWORD).stdout == "bob can log in now.\n"
    last = "Error: ann is the last admin; make another user one first: hookmeter users promote NAME"
    assert refused(environment, "demote", "ann") == refused(environment, "remove", "ann") == last
    assert "bob is an admin" in run(environment, "promote", "Bob").stdout
    assert "ann is an ordinary user" in run(environment, "demote", "ann").stdout
    roles = [(one["name"], one["role"]) for one in json.loads(run(environment, "list", "--json").stdout)]
    assert roles == [("ann", "user"), ("bob", "admin")]
    assert "There is no user 'eve'" in refused(environment, "promote", "eve")


def test_a_password_is_no_argument(environment: dict[str, str]) -> None:
    for words in (("add", "ann", PASSWORD), ("add", "ann", "--password", PASSWORD), ("passwd", "ann", PASSWORD)):
        assert run(environment, *words).returncode == 2


def test_at_a_terminal_a_password_is_typed_unseen_and_twice(environment: dict[str, str], database_url: str) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-c", PROGRAM, "add", "ann"], environment)
    seen = b""
    for prompt in (b"Password: ", b"Repeat for confirmation: "):
        while not seen.endswith(prompt):
            assert select.select([terminal], [], [], PATIENCE)[0]
            seen += os.read(terminal, 4096)
        os.write(terminal, PASSWORD.encode() + b"\n")
    try:
        while part := os.read(terminal, 4096):
            seen += part
    except OSError:  # how Linux says that the last writer has closed it
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"ann can log in now." in seen
    assert PASSWORD.encode() not in seen
    with open_database(database_url) as database:
        assert Users(database).authenticate("ann", PASSWORD)


@pytest.mark.parametrize("words", [("remove", "ann"), ("passwd", "ann", "--stop-tasks")])
def test_the_tasks_of_someone_who_leaves_are_stopped_and_waiting_ones_do_not_start(
    environment: dict[str, str], database: Database, tmp_path: Path, words: tuple[str, ...]
) -> None:
    place = Place(tmp_path, database, claude.install(tmp_path), dict(os.environ))
    place.workspace.mkdir()
    with place.closing:
        manager, _ = place.server(slots=1)
        first = running(manager, ask(manager, "touch ready", "wait"))
        waiting = [ask(manager, "touch it", user=user) for user in (ANN, ANN, BOB)]
        wait_for((place.workspace / "ready").exists, "the task to be at work")
        assert "3 of their tasks are stopped." in run(environment, *words, typed="another password\n").stdout
        statuses = [ended(manager, task).status for task in (first, *waiting)]
        assert statuses == [TaskStatus.STOPPED, TaskStatus.STOPPED, TaskStatus.STOPPED, TaskStatus.COMPLETED]
        assert [call["prompt"] for call in place.calls()] == [first.description, "touch it"]
        assert not lives(place.calls()[0]["pid"])
        with pytest.raises(LoggedOutError):  # as for a request that was admitted just before
            ask(manager, "touch it")
