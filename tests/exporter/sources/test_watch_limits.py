"""Directories that the system refuses to watch are searched."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from watchdog.observers.api import BaseObserver

from tests.exporter.sources.watched_roots import Watching, append
from tests.exporter.web.client import until
from tests.support.namespaces import with_limit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sessions" / "s").mkdir(parents=True)
    return tmp_path / "sessions"


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
        warnings = process.warnings()
    assert len(warnings) == 1, warnings
    assert f"refuses to watch {root}/new (inotify watch limit reached)" in warnings[0]


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
        _, errors = self.process.communicate(timeout=60)
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
