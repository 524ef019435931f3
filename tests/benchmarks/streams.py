"""Streams: how soon a thousand clients have a change, what each of them costs, and how soon all are ended."""

from __future__ import annotations

import json
import os
import resource
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import psutil

from tests.benchmarks.figures import Figure, temporary_directory
from tests.chatserver.live.client import get, post
from tests.e2e.processes import free_port, wait_for

STREAMS = 1_000
ROUNDS = 50
MESSAGE = "x" * 2_200
PATIENCE = 30.0


def figures(size: float) -> Iterator[Figure]:
    """On gunicorn's gevent worker, over loopback; the clients are all in this process."""
    number = round(STREAMS * size)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with (
            temporary_directory() as directory,
            _server(directory, number) as (port, process),
            Clients(port) as clients,
        ):
            yield from _measured(port, process, clients, number)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _measured(port: int, process: psutil.Process, clients: Clients, number: int) -> Iterator[Figure]:
    what = f"{number:,} streams"
    before = process.memory_info().rss
    clients.open(number)
    wait_for(lambda: get(port, "/numbers")["streams"] == number, "all streams to be open")
    yield Figure(f"{what}, memory for each", (process.memory_info().rss - before) / number / 1024, "KB", most=60)
    used = process.cpu_times()
    taken = sorted(took for turn in range(ROUNDS) for took in clients.broadcast(f"{turn}"))
    now = process.cpu_times()
    yield Figure(f"{what}, a change is there, p50", taken[len(taken) // 2] * 1e3, "ms")
    yield Figure(f"{what}, a change is there, p99", taken[len(taken) * 99 // 100] * 1e3, "ms", most=100)
    processor = (now.user + now.system - used.user - used.system) / ROUNDS
    yield Figure(f"{what}, processor time of a broadcast", processor * 1e3, "ms")
    began = perf_counter()
    post(port, "/close")
    clients.read_to_end()
    yield Figure(f"{what}, ended cleanly", (perf_counter() - began) * 1e3, "ms", most=1000)


class Clients:
    """Many clients in one thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._open = ExitStack()

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._selector.close()

    def open(self, number: int) -> None:
        """Open streams, and read what each begins with."""
        for _ in range(number):
            client = self._open.enter_context(socket.create_connection(("127.0.0.1", self._port), PATIENCE))
            client.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while b"data: hello\n\n\r\n" not in received:
                received += client.recv(1 << 16)
            client.setblocking(False)
            self._selector.register(client, selectors.EVENT_READ)

    def broadcast(self, message_id: str) -> Iterator[float]:
        """Have a message published; how long it took until each client had all of it."""
        began = perf_counter()
        post(self._port, f"/publish/{message_id}", MESSAGE)
        yield from (at - began for at in self._until(b"x\n\n\r\n"))

    def read_to_end(self) -> None:
        """Read until every response has ended."""
        list(self._until(b"\r\n0\r\n\r\n"))

    def _until(self, mark: bytes) -> Iterator[float]:
        waiting: dict[socket.socket, bytes] = {
            key.fileobj: b"" for key in self._selector.get_map().values() if isinstance(key.fileobj, socket.socket)
        }
        while waiting:
            ready = self._selector.select(PATIENCE)
            assert ready, f"{len(waiting)} clients got nothing"
            for key, _ in ready:
                client = key.fileobj
                assert isinstance(client, socket.socket)
                data = client.recv(1 << 16)
                assert data, "a stream has ended"
                waiting[client] += data
                if waiting[client].endswith(mark):
                    yield perf_counter()
                    del waiting[client]


@contextmanager
def _server(directory: Path, most: int) -> Iterator[tuple[int, psutil.Process]]:
    """The app of the tests, in a process of its own: its port, and the worker."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--worker-class=gevent", "--log-level=warning",
        f"--worker-connections={most + 100}", f"--backlog={most}", "--no-control-socket", "--graceful-timeout=1",
        "tests.chatserver.live.app:create_app()",
    ]  # fmt: skip
    bounds = json.dumps({"directory": str(directory), "max_streams": most})
    process = subprocess.Popen(command, env={**os.environ, "LIVE_TEST": bounds})
    try:
        wait_for(lambda: _answers(port), "gunicorn to answer")
        (worker,) = psutil.Process(process.pid).children()
        yield port, worker
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(port: int) -> bool:
    try:
        return bool(get(port, "/numbers"))
    except OSError:
        return False
