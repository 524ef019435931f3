"""Processes next to each other, as real ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.exporter.web.client import until

PATIENCE_SECONDS = 30
SUPERVISE = """
import sys
from chatserver.environment import process_environment
from chatserver.process.supervisor import Program, supervise
programs = [Program(f"number {n}", (sys.executable, "-c", code)) for n, code in enumerate(sys.argv[1:])]
sys.exit(supervise(programs, process_environment()))
"""
# Notes its process and waits for its end, which it takes as it comes.
LASTING = "import os, time, pathlib; pathlib.Path({path!r}).open('a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
KEPT = (
    "from chatserver.environment import take_variable; "
    "from chatserver.process.supervised import SUPERVISOR, end_with_supervisor; "
    "end_with_supervisor(take_variable(SUPERVISOR)); "
    "import os, time, pathlib; pathlib.Path({path!r}).open('a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
)


@contextmanager
def supervising(*codes: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", SUPERVISE, *codes], text=True, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def begun(path: Path, times: int = 1) -> list[int]:
    """The processes that have noted themselves, once there are so many."""
    until(lambda: path.exists() and path.read_text().count("\n") >= times)
    return [int(line) for line in path.read_text().split()]


def test_one_that_dies_is_started_again_and_the_other_keeps_running(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    with supervising(LASTING.format(path=str(one)), LASTING.format(path=str(other))) as process:
        (first,) = begun(one)
        (neighbor,) = begun(other)
        os.kill(first, signal.SIGKILL)
        assert len(begun(one, 2)) == 2
        assert psutil.pid_exists(neighbor)
        assert begun(other) == [neighbor]
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert "the number 0 ended with exit code -9; it restarts in 1 s." in said
    assert not any(map(psutil.pid_exists, [*begun(one), neighbor]))


def test_one_that_cannot_run_is_left_alone_and_the_other_keeps_running(tmp_path: Path) -> None:
    with supervising("import sys; sys.exit(2)", LASTING.format(path=str(tmp_path / "other"))) as process:
        (neighbor,) = begun(tmp_path / "other")
        assert process.stderr
        assert "the number 0 cannot run" in process.stderr.readline()
        assert psutil.pid_exists(neighbor)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_where_none_can_run_it_ends_and_says_so_by_its_exit_code() -> None:
    with supervising("import sys; sys.exit(2)", "import sys; sys.exit(2)") as process:
        assert process.wait(PATIENCE_SECONDS) == 2


def test_a_signal_that_another_thread_receives_ends_it() -> None:
    sent = "import signal, threading; signal.pthread_kill(threading.get_ident(), signal.SIGTERM)"
    thread = f"import threading; threading.Timer(1, lambda: exec({sent!r})).start()\n"
    with subprocess.Popen([sys.executable, "-c", thread + SUPERVISE, "import time; time.sleep(600)"]) as process:
        try:
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.terminate()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_where_the_supervisor_is_killed_nobody_stays_behind(tmp_path: Path) -> None:
    with supervising(KEPT.format(path=str(tmp_path / "one"))) as process:
        (kept,) = begun(tmp_path / "one")
        process.kill()
        process.wait()
        until(lambda: not psutil.pid_exists(kept) or psutil.Process(kept).status() == psutil.STATUS_ZOMBIE)
