"""The watch on real directories: changes trigger a read, reading does not, and walks find what the watch misses."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from exporter.sources.watch import WALK_SECONDS
from tests.exporter.sources.watched_roots import Watching, append
from tests.exporter.web.client import until


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


def test_regular_walks_find_changes_without_events(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.sources.watch.WALK_SECONDS", 0.05)
    monkeypatch.setattr("exporter.sources.watch.WALK_PAUSE_FACTOR", 1)
    with watching(root) as found:
        until(lambda: found.changed_directories() is None)
        until(lambda: found.changed_directories() is None)


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
