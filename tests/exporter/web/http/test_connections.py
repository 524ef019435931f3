"""Slow, silent, greedy and broken clients must not affect well-behaved ones."""

import re
import socket
import threading
import time
from contextlib import ExitStack

import pytest

from exporter.web.http.limits import Limits
from tests.exporter.web.client import (
    PATIENCE,
    connect,
    exchange,
    get,
    is_closed,
    read_reply,
    read_to_end,
    request_bytes,
    until,
)
from tests.exporter.web.conftest import METRICS, Serve, SmallSite

LARGE = b"# " + b"x" * 24_000_000 + b"\n"


def test_six_hundred_silent_clients_do_not_delay_a_scrape(many_descriptors: None, serve: Serve) -> None:
    server = serve()
    with ExitStack() as stack:
        silent = [stack.enter_context(connect(server)) for _ in range(600)]
        assert get(server).status == 200
        assert not is_closed(silent[-1])  # the response did not wait for it to time out
        until(lambda: is_closed(silent[0]))
        assert server.connections <= 512


def test_the_client_that_has_waited_longest_is_closed_for_a_new_one(serve: Serve) -> None:
    server = serve(limits=Limits(connections=2))
    with connect(server) as older, connect(server) as newer:
        older.sendall(request_bytes("/-/healthy"))
        assert read_reply(older).status == 200  # so that it has waited for a shorter time
        assert get(server).status == 200
        until(lambda: is_closed(newer))
        assert not is_closed(older)


def test_clients_that_do_not_read_their_response_are_closed_for_a_new_one(serve: Serve) -> None:
    server = serve(SmallSite(padding=LARGE), limits=Limits(connections=2))
    with connect(server) as one, connect(server) as other:
        for reader in (one, other):
            reader.sendall(request_bytes("/metrics"))
            reader.recv(1)
        assert get(server, "/-/healthy").status == 200


def test_a_head_that_is_sent_slowly_times_out(serve: Serve) -> None:
    server = serve(limits=Limits(head=0.3))
    started = time.monotonic()
    with connect(server) as sock:
        sock.settimeout(0.05)
        with pytest.raises(ConnectionError):  # noqa: PT012 - any of the bytes may find the connection closed
            sock.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
            while time.monotonic() - started < PATIENCE:
                sock.sendall(b"x")
                try:
                    if not sock.recv(1):
                        raise ConnectionError
                except TimeoutError:
                    continue
    assert time.monotonic() - started > 0.2


def test_a_client_that_sends_nothing_is_closed(serve: Serve) -> None:
    with connect(serve(limits=Limits(head=0.1))) as sock:
        assert read_to_end(sock) == b""


def test_an_idle_connection_is_closed(serve: Serve) -> None:
    with connect(serve(limits=Limits(idle=0.1))) as sock:
        sock.sendall(request_bytes("/-/healthy"))
        assert read_reply(sock).status == 200
        assert read_to_end(sock) == b""


def test_a_slow_reader_is_dropped_and_affects_nobody(serve: Serve) -> None:
    server = serve(SmallSite(padding=LARGE), limits=Limits(send=0.3))
    with connect(server) as slow:
        slow.sendall(request_bytes("/metrics"))
        assert slow.recv(1)
        assert get(server).body == LARGE + METRICS[False]
        until(lambda: server.connections == 0)
        assert len(read_to_end(slow)) < len(LARGE)


def test_a_connection_is_reused(serve: Serve) -> None:
    server = serve()
    with connect(server) as sock:
        for path in ("/metrics", "/x", "/-/ready", "/metrics"):
            sock.sendall(request_bytes(path))
            assert read_reply(sock).status == (404 if path == "/x" else 200)
        assert server.connections == 1


def test_pipelined_requests_get_their_responses_in_order(serve: Serve) -> None:
    with connect(serve()) as sock:
        sock.sendall(request_bytes("/-/healthy") + request_bytes("/metrics", "HEAD") + request_bytes("/x"))
        sock.sendall(request_bytes("/-/ready", headers={"Connection": "close"}))
        received = read_to_end(sock)
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"200", b"200", b"404", b"200"]
    assert received.index(b"healthy.") < received.index(b"Not found") < received.index(b"ready.\n")


def test_http_1_0_needs_no_host_and_is_closed_after_its_response(serve: Serve) -> None:
    with connect(serve()) as sock:
        sock.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        assert read_to_end(sock).endswith(b"\r\n\r\n" + METRICS[False])


def test_a_client_that_closes_its_half_still_gets_its_response(serve: Serve) -> None:
    with connect(serve()) as sock:
        sock.sendall(request_bytes("/metrics"))
        sock.shutdown(socket.SHUT_WR)
        assert read_to_end(sock).endswith(METRICS[False])


@pytest.mark.parametrize("framing", [{"Content-Length": "5"}, {"Transfer-Encoding": "chunked"}])
def test_a_body_is_ignored(serve: Serve, framing: dict[str, str]) -> None:
    body = b"hello" if "Content-Length" in framing else b"5\r\nhello\r\n0\r\n\r\n"
    with connect(serve()) as sock:
        for _ in range(2):
            sock.sendall(request_bytes("/metrics", headers=framing) + body)
            assert read_reply(sock).body == METRICS[False]


def test_a_client_that_expects_100_continue_gets_it(serve: Serve) -> None:
    with connect(serve()) as sock:
        sock.sendall(request_bytes("/metrics", headers={"Content-Length": "5", "Expect": "100-continue"}))
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"hello")
        assert read_reply(sock).body == METRICS[False]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_large_body_is_refused(serve: Serve, method: str) -> None:
    raw = request_bytes("/metrics", method, {"Content-Length": "1000000"}) + b"x" * 100_000
    reply = exchange(serve(), raw, method=method)
    assert (reply.status, reply.headers["connection"]) == (413, "close")


def test_a_large_head_is_refused(serve: Serve) -> None:
    assert exchange(serve(), request_bytes("/metrics", headers={"X": "x" * 40_000})).status == 431


@pytest.mark.parametrize(
    "raw",
    [
        b"hello\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(serve: Serve, raw: bytes) -> None:
    server = serve()
    assert exchange(server, raw).status == 400
    assert get(server).status == 200


def test_simultaneous_requests_share_one_page(serve: Serve) -> None:
    gate = threading.Event()
    site = SmallSite(lambda: gate.wait(10))
    server = serve(site)
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(20)]
        for client in clients:
            client.sendall(request_bytes("/metrics"))
        assert get(server, "/-/healthy").status == 200
        until(lambda: len(site.requests) == 1)
        gate.set()
        assert {read_reply(client).body for client in clients} == {METRICS[False]}
    assert len(site.requests) <= 2  # a client whose request came after the gate opened has a page of its own


def test_a_page_that_takes_too_long_times_out_and_others_are_served(serve: Serve) -> None:
    gate = threading.Event()
    server = serve(SmallSite(lambda: gate.wait(10)), limits=Limits(page=0.1))
    assert (get(server).status, get(server).text) == (503, "This page takes too long to build.\n")
    assert get(server, "/-/ready").status == 200
    gate.set()
    until(lambda: get(server).status == 200)
