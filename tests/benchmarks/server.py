"""The server as it runs in production: what an idle socket costs, and answers while others read much."""

from __future__ import annotations

import os
import resource
import select
import statistics
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import psutil

from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import Users
from chatserver.options import settings_from_arguments
from chatserver.storage.database import open_database
from chatserver.storage.location import database_url
from tests.benchmarks import synthetic_logs
from tests.benchmarks.figures import Figure, seconds, settle, temporary_directory
from tests.chatserver.chat.raw_socket import RawSocket
from tests.chatserver.started import Started, started
from tests.e2e.processes import wait_for
from tests.fakes import claude

SOCKETS = 1_000
SOCKETS_OF_ONE = 20
READERS = 100
STOPS = 15
READER_PAUSE_SECONDS = 1.0
READ = 8, 2_000, 4_200  # sessions, calls of each, and characters of a text: 19 MB each
MIN_ANSWERS = 200


def figures(size: float) -> Iterator[Figure]:
    """On gunicorn's gevent worker, over loopback, with SQLite."""
    number = round(SOCKETS * size)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with temporary_directory() as directory, _server(directory) as server:
            tokens = _tokens(directory, number // SOCKETS_OF_ONE + 1)
            yield _sockets(server, tokens, number)
            alone = _stop_seconds(server, directory, tokens[0])
            with _reading(server, tokens[0]):
                read = _stop_seconds(server, directory, tokens[0])
            what = f"stop of a task while {READERS} people read, p50"
            yield Figure(what, read * 1e3, "ms", alone * 1e3, most=2, limit_name="alone")
        with temporary_directory() as directory:
            yield _health_while_reading(directory, size)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def _server(directory: Path) -> Iterator[Started]:
    claude.install(directory)
    own = {"DATA_DIR": "data", "CLAUDE": "claude", "WORKSPACE": "", "SESSIONS_DIR": "logs", "TRANSCRIPTS_DIR": "none"}
    variables = {f"HOOKMETER_{name}": str(directory / value) for name, value in own.items()}
    with started({**os.environ, **variables}, "server", "--listen", "127.0.0.1:0", "--slots", "5") as server:
        yield server


def _tokens(directory: Path, number: int, role: str = "user") -> list[str]:
    """Those of so many people."""
    settings = settings_from_arguments(["--data-dir", str(directory / "data")])
    with open_database(database_url(None, directory / "data")) as database:
        users, tokens = Users(database, rounds=4), Tokens(database, settings)
        return [tokens.issue(users.add_user(f"person{each}", "a password of theirs", role)) for each in range(number)]


def _sockets(server: Started, tokens: list[str], number: int) -> Figure:
    (worker,) = psutil.Process(server.process.pid).children()
    with ExitStack() as stack:
        RawSocket(server.addresses[0]).sock.close()  # what the first one loads is not the others' cost
        settle()
        before = worker.memory_info().rss
        for each in range(number):
            opened = stack.enter_context(RawSocket(server.addresses[0]))
            opened.join(tokens[each // SOCKETS_OF_ONE])
        settle()
        cost = (worker.memory_info().rss - before) / number / 1024
    return Figure(f"{number:,} idle sockets, memory for each", cost, "KB", most=60)


def _stop_seconds(server: Started, directory: Path, token: str) -> float:
    """From the request to the end of the process, in the middle of several times."""
    return statistics.median(_stop(server, directory / f"{number}", token) for number in range(STOPS))


def _stop(server: Started, begun: Path, token: str) -> float:
    begun.unlink(missing_ok=True)
    task_id = server.ask("/api/tasks", {"description": f"touch {begun}\nwait"}, token)["task_id"]
    wait_for(begun.exists, "the task to be at work")
    pid = server.ask(f"/api/tasks/{task_id}", token=token)["pid"]
    process = os.pidfd_open(pid)
    try:
        began = perf_counter()
        server.ask(f"/api/tasks/stop/{task_id}", {}, token)
        select.select([process], [], [])
        return perf_counter() - began
    finally:
        os.close(process)


@contextmanager
def _reading(server: Started, token: str) -> Iterator[None]:
    """A hundred people, each of whom looks at the list of tasks every second."""
    stopping = threading.Event()
    request = urllib.request.Request(f"{server.addresses[0]}/api/tasks", headers={"Authorization": f"Bearer {token}"})

    def read(offset: float) -> None:
        stopping.wait(offset)
        while not stopping.is_set():
            with urllib.request.urlopen(request, timeout=30) as answer:
                answer.read()
            stopping.wait(READER_PAUSE_SECONDS)

    readers = [threading.Thread(target=read, args=(each / READERS * READER_PAUSE_SECONDS,)) for each in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        stopping.set()
        for reader in readers:
            reader.join()


def _health_while_reading(directory: Path, size: float) -> Figure:
    sessions, calls, characters = READ
    texts = synthetic_logs.texts(characters // 2, characters)
    synthetic_logs.write_sessions(directory / "logs", synthetic_logs.recorder, texts, sessions, round(calls * size))
    with _server(directory) as server:
        (token,) = _tokens(directory, 1, "admin")
        server.ask("/api/sessions", token=token)
        reader = threading.Thread(target=_read_sessions, args=(server, token, sorted((directory / "logs").iterdir())))
        reader.start()
        taken: list[float] = []
        while reader.is_alive() or len(taken) < MIN_ANSWERS:
            taken.append(seconds(lambda: server.ask("/health")))
        reader.join()
    p99 = sorted(taken)[len(taken) * 99 // 100]
    return Figure("/health while sessions of 20 MB are read, p99", p99 * 1e3, "ms", most=50)


def _read_sessions(server: Started, token: str, sessions: list[Path]) -> None:
    for session in sessions:
        server.ask(f"/api/sessions/{session.name}", token=token)
