"""The watch on real directories: changes nudge, what is lost or refused is walked for, and reading nudges nobody."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporter.sources.watch import Watch
from tests.exporter.web.client import until


class Watching:
    """A watch, and all that it has told since the walk that every watch begins with."""

    def __init__(self, *roots: Path) -> None:
        self.nudges = 0
        self.watch = Watch([str(root) for root in roots], self._nudge)
        self._lock = threading.Lock()
        self.told: set[str] = set()
        self.walks = 0

    def _nudge(self) -> None:
        with self._lock:
            self.nudges += 1

    def take(self) -> set[str] | None:
        taken = self.watch.take()
        self.told |= taken or set()
        self.walks += taken is None
        return taken

    def hears_of(self, directory: Path) -> bool:
        self.take()
        return str(directory) in self.told

    def forget(self) -> None:
        self.take()
        self.told, self.walks = set(), 0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sessions" / "s").mkdir(parents=True)
    return tmp_path / "sessions"


@contextmanager
def watching(*roots: Path) -> Iterator[Watching]:
    found = Watching(*roots)
    found.watch.start()
    try:
        assert found.take() is None  # at first, anything may have changed
        assert found.take() == set()
        yield found
    finally:
        found.watch.stop()


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write("line\n")


def replace(path: Path) -> None:
    path.with_name("new").write_text("line\n")
    path.with_name("new").replace(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "made": lambda path: path.with_name("other.jsonl").write_text("line\n"),
    "appended to": append,
    "truncated": lambda path: os.truncate(path, 0),
    "replaced": replace,
    "renamed": lambda path: path.rename(path.with_name("log.jsonl.1")),
    "removed": Path.unlink,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_nudges_and_names_its_directory(root: Path, change: str) -> None:
    path = root / "s" / "log.jsonl"
    append(path)
    with watching(root) as found:
        CHANGES[change](path)
        until(lambda: found.nudges > 0)
        until(lambda: found.hears_of(root / "s"))
        assert found.walks == 1


def test_a_new_directory_is_watched_too(root: Path) -> None:
    with watching(root) as found:
        (root / "new").mkdir()
        until(lambda: found.hears_of(root / "new"))
        found.forget()
        append(root / "new" / "log.jsonl")
        until(lambda: found.hears_of(root / "new"))
        assert found.walks == 0


def test_a_directory_that_is_renamed_is_heard_of_under_both_names(root: Path) -> None:
    with watching(root) as found:
        (root / "s").rename(root / "t")
        until(lambda: found.hears_of(root / "s") and found.hears_of(root / "t"))
        found.forget()
        append(root / "t" / "log.jsonl")
        until(lambda: found.hears_of(root / "t"))


def test_reading_wakes_nobody(root: Path) -> None:
    path, other = root / "s" / "log.jsonl", root / "other"
    append(path)
    other.mkdir()
    with watching(root) as found:
        for _ in range(20):
            path.read_text()
            list((root / "s").iterdir())
        append(other / "log.jsonl")  # events come in their order: once this is heard, the others would have been
        until(lambda: found.hears_of(other))
        assert str(root / "s") not in found.told


def test_a_root_that_appears_later_is_walked_and_watched(tmp_path: Path) -> None:
    root = tmp_path / "not" / "yet"
    with watching(root) as found:
        (root / "s").mkdir(parents=True)
        assert found.take() is None
        assert found.take() == set()
        append(root / "s" / "log.jsonl")
        until(lambda: found.hears_of(root / "s"))


def test_a_root_that_is_removed_and_made_again_is_walked_and_watched(root: Path) -> None:
    with watching(root) as found:
        for _ in range(3):
            shutil.rmtree(root)
            (root / "s").mkdir(parents=True)
            append(root / "s" / "log.jsonl")
            until(lambda: found.take() is None)
            found.forget()
            append(root / "s" / "log.jsonl")
            until(lambda: found.hears_of(root / "s"))


def test_a_root_that_another_takes_the_place_of_is_walked_and_watched(root: Path) -> None:
    with watching(root) as found:
        (root.parent / "other" / "t").mkdir(parents=True)
        root.rename(root.parent / "away")
        (root.parent / "other").rename(root)
        assert found.take() is None
        found.forget()
        append(root / "t" / "log.jsonl")
        until(lambda: found.hears_of(root / "t"))


def test_several_roots_are_watched_side_by_side(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with watching(root, other) as found:
        for directory in (root / "s", other):
            append(directory / "log.jsonl")
            until(lambda directory=directory: found.hears_of(directory))  # type: ignore[misc]


def test_whoever_expects_anything_gets_one_walk(root: Path) -> None:
    with watching(root) as found:
        found.watch.expect_anything()
        assert found.take() is None
        assert found.take() == set()


def test_where_the_system_refuses_to_watch_it_walks_each_time_and_warns_once(
    root: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    found = Watching(root)
    found.watch.start()
    try:
        with monkeypatch.context() as system:
            system.setattr(found.watch._observer, "schedule", refuse)
            assert [found.take() for _ in range(5)] == [None] * 5
        (warning,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert f"refuses to watch {root} (inotify watch limit reached)" in warning.getMessage()
        assert found.take() is None  # it watches now, and walks once for what came before
        assert found.take() == set()
        append(root / "s" / "log.jsonl")
        until(lambda: found.hears_of(root / "s"))
    finally:
        found.watch.stop()


def test_now_and_then_it_walks_for_what_never_tells_of_itself(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.sources.watch.WALK_SECONDS", 0.05)
    monkeypatch.setattr("exporter.sources.watch.WALK_SHARE", 1)
    with watching(root) as found:
        until(lambda: found.take() is None)
        until(lambda: found.take() is None)


WATCHER = """
import sys
from exporter.sources.watch import Watch
watch = Watch(sys.argv[1:], lambda: None)
watch.start()
for _ in sys.stdin:
    taken = watch.take()
    print("anything" if taken is None else "told" if taken else "nothing", flush=True)
watch.stop()
"""


def test_what_the_system_lost_is_walked_for_and_the_watch_goes_on(root: Path) -> None:
    """A process that stands still while more happens than the system keeps for it."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    with subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout

        def take() -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write("\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        assert [take(), take()] == ["anything", "nothing"]
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        path = root / "s" / "log.jsonl"
        for _ in range(most // 2 + 100):
            path.touch()
            path.unlink()
        (root / "made unseen").mkdir()
        process.send_signal(signal.SIGCONT)
        until(lambda: take() == "anything")
        until(lambda: take() == "nothing")
        append(root / "made unseen" / "log.jsonl")
        until(lambda: take() == "told")
        process.stdin.close()
        assert process.wait(10) == 0
