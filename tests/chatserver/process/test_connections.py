"""A worker waits for no client for ever, and makes room where too many connections wait."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import psutil
import pytest

from chatserver.process.connections import BODY_SECONDS, HEAD_SECONDS, Connections
from tests.chatserver.process.test_gunicorn_app import LOG_IN, environment
from tests.chatserver.started import answers
from tests.e2e.processes import wait_for

__all__ = ["environment"]
SECONDS = 0.5
PIPELINED = 1_000  # requests, whose answers are larger than all buffers between a server and its client
# The worker of a server whose clients must hurry.
PROGRAM = f"""
import runpy, sys
from chatserver.process import connections
connections.HEAD_SECONDS = connections.BODY_SECONDS = {SECONDS}
connections.UNREAD_SECONDS = 2 * {SECONDS}
sys.argv[0] = "gunicorn_app"
runpy.run_module("chatserver.process.gunicorn_app", run_name="__main__")
"""


class Clients:
    """Pairs of sockets: the worker's ends, and the clients' own."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._theirs: dict[socket.socket, socket.socket] = {}

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def connect(self) -> socket.socket:
        ours, theirs = map(self._closing.enter_context, socket.socketpair())
        self._theirs[ours] = theirs
        return ours


def is_ended(client: socket.socket) -> bool:
    """Whether nothing comes any more, after all that has come."""
    client.setblocking(False)
    try:
        while client.recv(1 << 16):
            pass
        return True
    except BlockingIOError:
        return False


@pytest.fixture
def clients() -> Iterator[Clients]:
    with Clients() as made:
        yield made


def test_a_connection_that_is_silent_is_ended_and_one_that_is_kept_open_is_not(clients: Clients) -> None:
    held = Connections(100)
    silent, kept = clients.connect(), clients.connect()
    for client in (silent, kept):
        held.add(client, "a", 0)
    held.answer(kept, 1, lambda: False)
    held.wait_for_request(kept, 2)
    held.end_late(HEAD_SECONDS)
    assert not is_ended(silent)
    held.end_late(HEAD_SECONDS + 1)
    assert is_ended(silent)
    assert not is_ended(kept)
    held.end_idle()
    assert is_ended(kept)


def test_only_a_body_that_is_incomplete_is_late(clients: Clients) -> None:
    held = Connections(100)
    slow, streaming = clients.connect(), clients.connect()
    for client, is_incomplete in ((slow, True), (streaming, False)):
        held.add(client, "a", 0)
        held.answer(client, 0, lambda is_incomplete=is_incomplete: is_incomplete)  # type: ignore[misc]
    held.end_idle()
    assert not is_ended(slow)
    held.end_late(BODY_SECONDS + 1)
    assert is_ended(slow)
    held.end_late(1e9)
    assert not is_ended(streaming)


def test_where_there_are_too_many_those_that_waited_longest_go_first_of_the_address_with_most(
    clients: Clients,
) -> None:
    held = Connections(10)  # of which 9 may be open
    old = clients.connect()
    held.add(old, "one", 0)
    crowd = [clients.connect() for _ in range(8)]
    for number, client in enumerate(crowd):
        held.add(client, "many", 1 + number)
    held.answer(crowd[0], 20, lambda: False)
    assert not any(map(is_ended, (old, *crowd)))
    held.add(clients.connect(), "third", 21)
    assert [is_ended(client) for client in crowd] == [False, True, *[False] * 6]
    held.remove(old)
    held.add(clients.connect(), "third", 22)
    assert sum(map(is_ended, crowd)) == 1


def test_connections_that_work_or_have_just_come_are_left_alone(clients: Clients) -> None:
    held = Connections(2)  # of which 1 may be open
    working, new, other = (clients.connect() for _ in range(3))
    held.add(working, "a", 0)
    held.answer(working, 0, lambda: False)
    held.add(new, "a", 10)
    held.add(other, "a", 10)
    assert not any(map(is_ended, (working, new, other)))


@pytest.fixture
def address(environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """A server whose clients must hurry."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        words = [sys.executable, "-P", "-c", PROGRAM, str(listener.fileno()), "--listen", f"{host}:{port}"]
        with subprocess.Popen(words, env=dict(environment), pass_fds=(listener.fileno(),)) as process:
            try:
                wait_for(lambda: answers(f"http://{host}:{port}"), "the server to answer")
                yield host, port
            finally:
                process.terminate()


def received(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(1 << 16), b""))


@pytest.mark.parametrize("sent", [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_a_request_that_does_not_come_is_not_waited_for(address: tuple[str, int], sent: bytes) -> None:
    with socket.create_connection(address, 30) as client:
        client.sendall(sent)
        assert received(client) == b""


@pytest.mark.parametrize("head", [b"Content-Length: 20\r\n\r\n{", b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"na'])
def test_a_body_that_does_not_come_is_not_waited_for(address: tuple[str, int], head: bytes) -> None:
    with socket.create_connection(address, 30) as client:
        client.sendall(LOG_IN + head)
        answer = received(client)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive in time" in answer


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends connections that are not read")
def test_a_client_that_does_not_read_is_disconnected(address: tuple[str, int]) -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
        client.connect(address)
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * PIPELINED)
        assert client.getsockname() in connected_to(address)
        wait_for(lambda: client.getsockname() not in connected_to(address), "the connection to be ended")


def connected_to(address: tuple[str, int]) -> set[tuple[str, int]]:
    """The clients of a server that it has not ended its connections to."""
    return {
        (each.raddr[0], each.raddr[1])
        for each in psutil.net_connections("tcp4")
        if each.raddr and tuple(each.laddr) == address and each.status == psutil.CONN_ESTABLISHED
    }


def test_a_stream_outlives_the_time_for_requests(address: tuple[str, int]) -> None:
    with socket.create_connection(address, 30) as client, socket.create_connection(address, 30) as silent:
        client.sendall(b"GET /api/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
        assert b"200 OK" in client.recv(1 << 16)
        assert received(silent) == b""  # it was opened later, and is late now
        assert not is_ended(client)
