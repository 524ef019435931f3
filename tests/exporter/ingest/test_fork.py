"""Work that a second process does."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from exporter.ingest import fork
from exporter.ingest.fork import in_parallel


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "processors", lambda: 2)


def test_a_second_process_does_it() -> None:
    answer = in_parallel(lambda: str(os.getpid()).encode() * 100_000)
    told = answer()
    assert told
    assert not told.startswith(str(os.getpid()).encode())


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_where_it_fails_there_is_no_result(error: type[BaseException], capfd: pytest.CaptureFixture[str]) -> None:
    def fails() -> bytes:
        raise error

    assert in_parallel(fails)() is None
    assert capfd.readouterr().err == ""


def test_where_it_is_killed_there_is_no_result() -> None:
    def is_killed() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b"done"

    assert in_parallel(is_killed)() is None


def test_with_one_processor_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "processors", lambda: 1)
    assert in_parallel(lambda: b"done")() is None


def test_a_process_with_threads_is_never_copied() -> None:
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    try:
        assert in_parallel(lambda: b"done")() is None
    finally:
        leave.set()
        thread.join()
