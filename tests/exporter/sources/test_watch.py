"""The watch on real directories: changes trigger a read, reading does not, and walks find what the watch misses."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from watchdog.observers.api import BaseObserver

from exporter.sources.watch import WALK_SECONDS, Watch
from tests.exporter.web.client import until
from tests.support.namespaces import with_limit


class Watching:
    """A watch, with everything that it has reported since its initial walk."""

    def __init__(self, *roots: Path) -> None:
        self.nudges = 0
        self.watch = Watch([str(root) for root in roots], self._nudge)
        self._lock = threading.Lock()
        self.reported: set[str] = set()
        self.walks = 0

    def _nudge(self) -> None:
        with self._lock:
            self.nudges += 1

    def changed_directories(self) -> set[str] | None:
        changed = self.watch.changed_directories()
        self.reported |= changed or set()
        self.walks += changed is None
        return changed

    def reports(self, directory: Path) -> bool:
        self.changed_directories()
        return str(directory) in self.reported

    def forget(self) -> None:
        self.changed_directories()
        self.reported, self.walks = set(), 0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sessions" / "s").mkdir(parents=True)
    return tmp_path / "sessions"


@contextmanager
def watching(*roots: Path) -> Iterator[Watching]:
    found = Watching(*roots)
    found.watch.start()
    try:
        assert found.changed_directories() is None  # at first, anything may have changed
        assert found.changed_directories() == set()
        yield found
    finally:
        found.watch.stop()


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write("line\n")


def appended(path: Path) -> bool:
    append(path)
    return True


def replace(path: Path) -> None:
    path.with_name("new").write_text("line\n")
    path.with_name("new").replace(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "created": lambda path: path.with_name("other.jsonl").write_text("line\n"),
    "appended to": append,
    "truncated": lambda path: os.truncate(path, 0),
    "replaced": replace,
    "renamed": lambda path: path.rename(path.with_name("log.jsonl.1")),
    "removed": Path.unlink,
    "made readable": lambda path: path.chmod(0o444),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_triggers_a_read_of_its_directory(root: Path, change: str) -> None:
    path = root / "s" / "log.jsonl"
    append(path)
    with watching(root) as found:
        CHANGES[change](path)
        until(lambda: found.nudges > 0)
        until(lambda: found.reports(root / "s"))
        assert found.walks == 1


def test_a_directory_that_is_made_readable_is_walked(root: Path) -> None:
    with watching(root) as found:
        (root / "s").chmod(0o700)
        until(lambda: found.changed_directories() is None)


def test_a_new_directory_is_watched_too(root: Path) -> None:
    with watching(root) as found:
        (root / "new").mkdir()
        until(lambda: found.reports(root / "new"))
        found.forget()
        append(root / "new" / "log.jsonl")
        until(lambda: found.reports(root / "new"))
        assert found.walks == 0


def test_a_directory_that_is_renamed_is_reported_with_both_names(root: Path) -> None:
    with watching(root) as found:
        (root / "s").rename(root / "t")
        until(lambda: found.reports(root / "s") and found.reports(root / "t"))
        found.forget()
        append(root / "t" / "log.jsonl")
        until(lambda: found.reports(root / "t"))


def test_reading_reports_no_change(root: Path) -> None:
    path, other = root / "s" / "log.jsonl", root / "other"
    append(path)
    other.mkdir()
    with watching(root) as found:
        for _ in range(20):
            path.read_text()
            list((root / "s").iterdir())
        append(other / "log.jsonl")  # events come in order: those of the reads would be reported before this one
        until(lambda: found.reports(other))
        assert str(root / "s") not in found.reported


def test_a_root_that_appears_later_is_walked_and_watched(tmp_path: Path) -> None:
    root = tmp_path / "not" / "yet"
    with watching(root) as found:
        (root / "s").mkdir(parents=True)
        assert found.changed_directories() is None
        assert found.changed_directories() == set()
        append(root / "s" / "log.jsonl")
        until(lambda: found.reports(root / "s"))


def test_a_root_that_is_removed_and_recreated_is_walked_and_watched(root: Path) -> None:
    with watching(root) as found:
        for _ in range(3):
            shutil.rmtree(root)
            (root / "s").mkdir(parents=True)
            append(root / "s" / "log.jsonl")
            until(lambda: found.changed_directories() is None)
            found.forget()
            # The event of the removal may come late, and cause another walk, which would find the line.
            until(lambda: appended(root / "s" / "log.jsonl") and found.reports(root / "s"))


def test_a_root_that_is_replaced_by_another_directory_is_walked_and_watched(root: Path) -> None:
    with watching(root) as found:
        (root.parent / "other" / "t").mkdir(parents=True)
        root.rename(root.parent / "away")
        (root.parent / "other").rename(root)
        assert found.changed_directories() is None
        found.forget()
        append(root / "t" / "log.jsonl")
        until(lambda: found.reports(root / "t"))


def test_several_roots_are_watched(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with watching(root, other) as found:
        for directory in (root / "s", other):
            append(directory / "log.jsonl")
            until(lambda directory=directory: found.reports(directory))  # type: ignore[misc]


def test_marking_all_as_changed_causes_one_walk(root: Path) -> None:
    with watching(root) as found:
        found.watch.mark_all_changed()
        assert found.changed_directories() is None
        assert found.changed_directories() == set()


def test_if_the_system_refuses_to_watch_every_call_walks_and_one_warning_is_logged(
    root: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr("exporter.sources.watch.RETRY_SECONDS", 0)
    found = Watching(root)
    found.watch.start()
    try:
        with monkeypatch.context() as system:
            system.setattr(BaseObserver, "schedule", refuse)
            assert [found.changed_directories() for _ in range(5)] == [None] * 5
        (warning,) = caplog.messages
        assert f"refuses to watch {root} (inotify watch limit reached)" in warning
        assert found.changed_directories() is None  # now it is watched, and one walk finds the earlier changes
        assert caplog.messages[1:] == ["All directories are watched again."]
        assert found.changed_directories() == set()
        append(root / "s" / "log.jsonl")
        until(lambda: found.reports(root / "s"))
    finally:
        found.watch.stop()


@pytest.mark.parametrize(
    ("setting", "limit", "refused"),
    [
        ("max_inotify_instances", 0, "any directory (inotify instance limit reached)"),
        ("max_inotify_watches", 0, "{root} (inotify watch limit reached)"),
        ("max_inotify_watches", 3, "{root}/{subdirectory} (inotify watch limit reached)"),
    ],
)
def test_where_instances_or_watches_are_used_up_directories_are_searched(
    root: Path, setting: str, limit: int, refused: str
) -> None:
    for number in range(5):
        (root / str(number)).mkdir()
    with watcher(root, with_limit(setting, limit)) as process:
        assert [process.changed() for _ in range(5)] == ["anything"] * 5
        (warning,) = process.warnings()
    where, remedy = (
        refused.partition(" (")[0].format(root=root, subdirectory="[0-9s]"),
        setting.replace("inotify", "user"),
    )
    assert re.search(
        f"refuses to watch {where} .*directories are searched in every scrape instead; raise fs.inotify.{remedy}",
        warning,
    )


def test_a_new_subdirectory_that_cannot_be_watched_is_searched(root: Path) -> None:
    with watcher(root, with_limit("max_inotify_watches", 2)) as process:
        assert [process.changed(), process.changed()] == ["anything", "nothing"]
        (root / "new").mkdir()
        until(lambda: process.changed() == "anything")
        assert process.changed() == "anything"
        (warning,) = process.warnings()
    assert f"refuses to watch {root}/new (inotify watch limit reached)" in warning


def test_no_more_directories_are_watched_than_a_bound(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("exporter.sources.inotify.MAX_WATCHES", 1)
    found = Watching(root)
    found.watch.start()
    try:
        assert [found.changed_directories() for _ in range(3)] == [None] * 3
        (warning,) = caplog.messages
        assert f"refuses to watch {root}/s (hookmeter's own limit of 1 watches reached)" in warning
    finally:
        found.watch.stop()


def test_regular_walks_find_changes_without_events(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.sources.watch.WALK_SECONDS", 0.05)
    monkeypatch.setattr("exporter.sources.watch.WALK_PAUSE_FACTOR", 1)
    with watching(root) as found:
        until(lambda: found.changed_directories() is None)
        until(lambda: found.changed_directories() is None)


WATCHER = """
import logging, sys
from watchdog.observers.api import BaseObserver

from exporter.sources.watch import Watch
logging.basicConfig(level=logging.WARNING, format="%(message)s")
watch = Watch(sys.argv[1:], lambda: None)
watch.start()
for _ in sys.stdin:
    changed = watch.changed_directories()
    print("anything" if changed is None else "some" if changed else "nothing", flush=True)
watch.stop()
"""


def test_the_pause_after_a_walk_depends_on_how_long_it_took(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("exporter.sources.watch.time", SimpleNamespace(monotonic=lambda: now))
    with watching(root) as found:
        for walk_seconds, pause in ((0.1, WALK_SECONDS), (1.0, 100.0)):
            found.watch.mark_all_changed()
            assert found.changed_directories() is None
            now += walk_seconds
            found.watch.note_read()
            now += pause - walk_seconds - 0.01
            assert found.changed_directories() == set()
            now += 0.02
            assert found.changed_directories() is None


class Watcher(NamedTuple):
    """A process with a watch."""

    process: subprocess.Popen[str]

    def changed(self) -> str:
        """Whether it has noticed anything since the last question."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def warnings(self) -> list[str]:
        """Stop it; all that it has logged."""
        _, errors = self.process.communicate(timeout=10)
        return errors.splitlines()


@contextmanager
def watcher(root: Path, limits: Sequence[str] = ()) -> Iterator[Watcher]:
    with subprocess.Popen(
        [*limits, sys.executable, "-c", WATCHER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield Watcher(process)


def test_after_an_overflow_a_walk_finds_what_was_lost_and_the_watch_continues(root: Path) -> None:
    """Stop a process while more events occur than the system queues for it."""
    max_events = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    with watcher(root) as found:
        process, changed = found.process, found.changed
        assert [changed(), changed()] == ["anything", "nothing"]
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        path = root / "s" / "log.jsonl"
        for _ in range(max_events // 2 + 100):
            path.touch()
            path.unlink()
        (root / "created unseen").mkdir()
        process.send_signal(signal.SIGCONT)
        until(lambda: changed() == "anything")
        until(lambda: changed() == "nothing")
        append(root / "created unseen" / "log.jsonl")
        until(lambda: changed() == "some")
        found.warnings()
        assert process.returncode == 0
