"""Work in a second process."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from exporter.ingest import fork
from exporter.ingest.fork import in_parallel


@pytest.fixture(autouse=True)
def two_processors_and_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests assume, whatever machine this is and whatever other tests have left running."""
    monkeypatch.setattr(fork, "processor_count", lambda: 2)
    monkeypatch.setattr(threading, "active_count", lambda: 1)


def test_the_work_is_done_in_a_second_process() -> None:
    wait = in_parallel(lambda: str(os.getpid()).encode() * 100_000)
    result = wait()
    assert result
    assert not result.startswith(str(os.getpid()).encode())


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_work_that_fails_has_no_result(error: type[BaseException], capfd: pytest.CaptureFixture[str]) -> None:
    def fails() -> bytes:
        raise error

    assert in_parallel(fails)() is None
    assert capfd.readouterr().err == ""


def test_work_that_is_killed_has_no_result() -> None:
    def is_killed() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b"done"

    assert in_parallel(is_killed)() is None


def test_with_one_processor_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "processor_count", lambda: 1)
    assert in_parallel(lambda: b"done")() is None


def test_a_process_with_threads_is_never_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(fork, "processor_count", lambda: 2)
    ending = threading.Event()
    thread = threading.Thread(target=ending.wait)
    thread.start()
    try:
        assert in_parallel(lambda: b"done")() is None
    finally:
        ending.set()
        thread.join()
