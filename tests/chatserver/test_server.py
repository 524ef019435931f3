"""The server as `flask run` serves it in development, over real sockets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from flask import request

from chatserver.middleware.gate import public
from tests.chatserver.world import PASSWORD, made_settings, made_world
from tests.e2e.processes import free_port, wait_for
from tests.fakes import claude


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a server that has nothing yet."""
    claude.install(tmp_path)
    others = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKMETER_", "JWT_"))}
    own = {"DATA_DIR": "data", "CLAUDE": "claude", "WORKSPACE": "", "SESSIONS_DIR": "logs", "TRANSCRIPTS_DIR": "none"}
    return {**others, **{f"HOOKMETER_{name}": str(tmp_path / value) for name, value in own.items()}}


def test_in_development_a_newcomer_reads_at_once_and_registers_to_act(environment: dict[str, str]) -> None:
    with flask_run(environment) as (address, _):
        assert ask(f"{address}/api/tasks") == {"tasks": [], "next_cursor": None}
        with pytest.raises(HTTPError) as refused:
            ask(f"{address}/api/tasks", {"description": "x"})
        assert refused.value.code == 401
        refused.value.close()
        token = ask(f"{address}/api/auth/register", {"name": "ann", "password": PASSWORD})["token"]
        task_id = ask(f"{address}/api/tasks", {"description": "x"}, token)["task_id"]
        task = wait_for(lambda: completed(ask(f"{address}/api/tasks/{task_id}", token=token)), "the task to end")
        assert task["result"] == "You said: x"
        assert ask(f"{address}/api/metrics", token=token)["completed_tasks_24h"] == 1


def test_it_ends_with_its_tasks(environment: dict[str, str]) -> None:
    with flask_run(environment) as (address, process):
        token = ask(f"{address}/api/auth/register", {"name": "ann", "password": PASSWORD})["token"]
        task_id = ask(f"{address}/api/tasks", {"description": "wait"}, token)["task_id"]
        wait_for(lambda: ask(f"{address}/api/tasks/{task_id}", token=token)["pid"], "the task to run")
        pid = ask(f"{address}/api/tasks/{task_id}", token=token)["pid"]
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize(
    ("words", "variables", "says"),
    [
        (("--host", "0.0.0.0"), {}, "can be reached from other machines"),
        ((), {"HOOKMETER_ENV": "production"}, "nor JWT_SECRET_KEY is set"),
        ((), {"JWT_SECRET_KEY": "k" * 32}, "use --secret-key-file FILE instead"),
        ((), {"HOOKMETER_ENV": "prod"}, "HOOKMETER_ENV"),
        ((), {"HOOKMETER_DATABASE_URL": "mysql://db"}, "use sqlite or postgresql"),
    ],
)
def test_settings_that_cannot_be_are_one_line(
    environment: dict[str, str], words: tuple[str, ...], variables: dict[str, str], says: str
) -> None:
    command = flask_command(free_port(), *words)
    done = subprocess.run(command, env=environment | variables, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_two_servers_at_one_address_do_not_touch_each_others_tasks(environment: dict[str, str]) -> None:
    with flask_run(environment) as (address, _):
        token = ask(f"{address}/api/auth/register", {"name": "ann", "password": PASSWORD})["token"]
        task_id = ask(f"{address}/api/tasks", {"description": "wait"}, token)["task_id"]
        wait_for(lambda: ask(f"{address}/api/tasks/{task_id}", token=token)["pid"], "the task to run")
        command = flask_command(int(address.rpartition(":")[2]))
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert "already in use" in done.stderr
        assert ask(f"{address}/api/tasks/{task_id}", token=token)["status"] == "running"
        ask(f"{address}/api/tasks/stop/{task_id}", {}, token)


def test_the_clients_address_is_a_proxys_word_where_one_is_trusted(tmp_path: Path) -> None:
    for proxies, scheme in ((0, "http"), (1, "https")):
        with made_world(made_settings(tmp_path, proxies=proxies)) as world:
            world.app.add_url_rule("/scheme", view_func=public(lambda: request.scheme))
            assert world.app.test_client().get("/scheme", headers={"X-Forwarded-Proto": "https"}).text == scheme


def flask_command(port: int, *words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "chatserver.server", "run", "--port", str(port), *words]


@contextmanager
def flask_run(environment: Mapping[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server, once it answers, and its process."""
    port = free_port()
    process = subprocess.Popen(flask_command(port), env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/health"), "the server to answer")
        yield address, process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def answers(address: str) -> bool:
    try:
        return bool(ask(address))
    except URLError:
        return False


def ask(address: str, body: object = None, token: str = "") -> Any:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, headers), timeout=60) as answer:
        return json.load(answer)


def completed(task: dict[str, Any]) -> dict[str, Any] | None:
    return task if task["status"] == "completed" else None
