"""Streams over real sockets: many clients, slow ones, stuck ones, and a clean end for all."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.chatserver.live.client import Stream, get, post
from tests.chatserver.live.conftest import Serve
from tests.exporter.web.client import until

MANY = 200
LARGE = "x" * 300_000


@pytest.fixture(autouse=True)
def _descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))


@contextmanager
def streams(port: int, number: int) -> Iterator[list[Stream]]:
    opened = [Stream(port) for _ in range(number)]
    try:
        assert all(stream.event() == {"data": "hello"} for stream in opened)
        until(lambda: get(port, "/numbers")["streams"] == number)
        yield opened
    finally:
        for stream in opened:
            stream.close()


def test_every_client_gets_each_message_once(serve: Serve) -> None:
    port = serve()
    with streams(port, MANY) as opened:
        for number in range(3):
            post(port, f"/publish/{number}", f"message {number}")
            assert all(one.event() == {"id": str(number), "data": f"message {number}"} for one in opened)
        post(port, "/publish/2", "message 2")
        post(port, "/publish/3", "last")
        assert all(one.event() == {"id": "3", "data": "last"} for one in opened)


def test_one_that_leaves_is_let_go_and_costs_the_others_nothing(serve: Serve) -> None:
    port = serve()
    with streams(port, MANY) as opened:
        for stream in opened[::2]:
            stream.close()
        until(lambda: get(port, "/numbers")["streams"] == MANY // 2)
        post(port, "/publish/1", "still here")
        assert all(stream.event()["data"] == "still here" for stream in opened[1::2])


def test_stuck_clients_hold_nobody_up_and_skip_to_the_newest(serve: Serve) -> None:
    port = serve()
    with streams(port, MANY) as opened:
        slow = [Stream(port, receive=4096) for _ in range(5)]
        until(lambda: get(port, "/numbers")["streams"] == MANY + 5)
        for number in range(10):
            post(port, f"/publish/{number}", f"{number} {LARGE}")
            assert all(stream.event()["id"] == str(number) for stream in opened)
        for stream in slow:
            stream.event()
            seen = [stream.event()["id"]]
            while seen[-1] != "9":
                seen.append(stream.event()["id"])
            assert seen == sorted(set(seen))
            assert len(seen) < 10
            stream.close()


def test_one_that_takes_no_data_for_too_long_is_dropped(serve: Serve) -> None:
    port = serve(stuck_seconds=0.5)
    with streams(port, 3) as opened:
        stuck = Stream(port, receive=4096)
        until(lambda: get(port, "/numbers")["streams"] == 4)
        for number in range(5):
            post(port, f"/publish/{number}", f"{number} {LARGE}")
            assert all(stream.event()["id"] == str(number) for stream in opened)
        until(lambda: get(port, "/numbers") | {"sent_bytes": 0, "computed": 0} == {
            "streams": 3, "dropped": 1, "refused": 0, "sent_bytes": 0, "computed": 0,
        })  # fmt: skip
        assert stuck.is_broken()
        stuck.close()


def test_a_heartbeat_shows_that_the_stream_lives(serve: Serve) -> None:
    with streams(serve(heartbeat_seconds=0.1), 3) as opened:
        assert all(stream.event() == {"": "still here"} for stream in opened for _ in range(2))


def test_streams_above_the_bound_are_refused(serve: Serve) -> None:
    port = serve(max_streams=2)
    first, second, third = (Stream(port, "/api/metrics") for _ in range(3))
    assert (first.status, second.status, third.status) == (200, 200, 503)
    assert third.headers["content-type"] == "application/problem+json"
    assert third.headers["retry-after"] == "60"
    first.close()
    until(lambda: _is_admitted(port))
    for stream in (second, third):
        stream.close()


def _is_admitted(port: int) -> bool:
    stream = Stream(port, "/api/metrics")
    stream.close()
    return stream.status == 200


def test_a_stream_ends_once_its_token_is_valid_no_longer(serve: Serve) -> None:
    port = serve(heartbeat_seconds=0.1)
    with streams(port, 3) as opened:
        post(port, "/revoke")
        for stream in opened:
            while (event := stream.event()) == {"": "still here"}:
                pass
            assert event == {"event": "bye", "data": "the token is no longer valid"}
            assert stream.ended()


def test_closing_ends_every_response_as_it_should_and_breaks_off_only_those_that_are_cut(serve: Serve) -> None:
    port = serve()
    with streams(port, MANY) as opened:
        stuck = Stream(port, receive=4096)
        until(lambda: get(port, "/numbers")["streams"] == MANY + 1)
        for number in range(5):
            post(port, f"/publish/{number}", f"{number} {LARGE}")
            assert all(stream.event()["id"] == str(number) for stream in opened)
        post(port, "/close")
        for stream in opened:
            assert stream.event() == {"event": "bye", "data": "the server is stopping"}
            assert stream.ended()
        assert stuck.is_broken()
        stuck.close()
        until(lambda: get(port, "/numbers")["streams"] == 0)
        late = Stream(port, "/api/metrics")
        assert late.status == 503
        late.close()


def test_where_clients_come_and_go_no_byte_reaches_another_connection(serve: Serve) -> None:
    port = serve()
    stopping = threading.Event()

    def come_and_go() -> int:
        visits = 0
        while not stopping.is_set():
            visitors = [Stream(port) for _ in range(5)]
            for visitor in visitors:
                assert visitor.event() == {"data": "hello"}
                visitor.close()
            visits += len(visitors)
            assert get(port, "/numbers")["streams"] >= 0  # a whole answer, with nothing of a stream in it
        return visits

    with streams(port, 20) as opened, ThreadPoolExecutor(4) as pool:
        visits = [pool.submit(come_and_go) for _ in range(4)]
        try:
            for number in range(150):
                post(port, f"/publish/{number}", f"{number} {'y' * 3000}")
                assert all(stream.event()["id"] == str(number) for stream in opened)
        finally:
            stopping.set()
        assert all(visit.result() > 0 for visit in visits)
