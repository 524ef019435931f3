"""Files that are renamed, copied, truncated and replaced: every line is read once, wherever it is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from exporter.sources.changed_files import changed_files
from exporter.sources.directory_reader import read_directory
from exporter.sources.files import log_files
from exporter.sources.known_files import KnownFile


def record(number: int) -> dict[str, object]:
    return {"session_id": "s", "hook_event_name": "Stop", "reason": number}


class Directory:
    """A directory of logs with what was read of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, KnownFile] = {}

    def append(self, name: str, *lines: int) -> None:
        with (self.path / name).open("a") as log:
            log.writelines(json.dumps(record(line)) + "\n" for line in lines)

    def write_array(self, name: str, *elements: int) -> None:
        (self.path / name).write_text(json.dumps([*map(record, elements)]))

    def move(self, name: str, other: str) -> None:
        (self.path / name).rename(self.path / other)

    def copy_and_truncate(self, name: str, copy: str) -> None:
        shutil.copy(self.path / name, self.path / copy)
        os.truncate(self.path / name, 0)

    def new(self) -> list[int]:
        """The numbers of the lines that are new, sorted."""
        read = read_directory(changed_files(log_files(str(self.path)), self._known), "s")
        self._known |= {file.name: KnownFile(file, position) for file, position in read.positions}
        return sorted(int(timed.record.detail) for timed in read.records)


@pytest.fixture
def logs(tmp_path: Path) -> Directory:
    return Directory(tmp_path)


def test_new_and_changed_files_are_read_and_unchanged_ones_are_not(logs: Directory) -> None:
    logs.append("stop.jsonl", 1, 2)
    logs.append("events.jsonl", 3)
    assert logs.new() == [1, 2, 3]
    logs.append("stop.jsonl", 4)
    assert logs.new() == [4]
    assert logs.new() == []


def test_files_that_are_rotated_again_and_again_are_continued_under_their_new_names(logs: Directory) -> None:
    numbers = iter(range(1, 100))
    found = []
    for number in range(5):
        for older in range(number - 1, 0, -1):
            logs.move(f"stop.jsonl.{older}", f"stop.jsonl.{older + 1}")
        if number:
            logs.append("stop.jsonl", next(numbers))
            logs.move("stop.jsonl", "stop.jsonl.1")
        logs.append("stop.jsonl", *(next(numbers) for _ in range(number + 1)))
        found += logs.new()
    assert found == list(range(1, next(numbers)))


def test_files_that_are_copied_and_truncated_again_and_again_are_continued_in_the_copy(logs: Directory) -> None:
    numbers = iter(range(1, 100))
    found = []
    for number in range(5):
        if number:
            logs.append("stop.jsonl", next(numbers))
            logs.copy_and_truncate("stop.jsonl", "stop.jsonl.1")
        logs.append("stop.jsonl", *(next(numbers) for _ in range(5 - number)))
        found += logs.new()
    assert found == list(range(1, next(numbers)))


def test_a_copy_in_the_inode_of_a_removed_copy_is_continued(logs: Directory) -> None:
    logs.append("stop.jsonl", 1, 2)
    logs.append("stop.jsonl.1", 3)
    assert logs.new() == [1, 2, 3]
    copy = logs.path / "stop.jsonl.1"
    copy.write_bytes((logs.path / "stop.jsonl").read_bytes())
    os.truncate(logs.path / "stop.jsonl", 0)
    logs.append("stop.jsonl.1", 4)
    logs.append("stop.jsonl", 5)
    assert logs.new() == [4, 5]


def test_files_that_swap_their_inodes_are_continued_under_their_names(logs: Directory) -> None:
    logs.append("stop.jsonl", 1, 2)
    logs.append("events.jsonl", 3)
    assert logs.new() == [1, 2, 3]
    contents = {name: (logs.path / name).read_bytes() for name in ("stop.jsonl", "events.jsonl")}
    logs.move("stop.jsonl", "other")
    logs.move("events.jsonl", "stop.jsonl")
    logs.move("other", "events.jsonl")
    for name, content in contents.items():
        (logs.path / name).write_bytes(content)
    logs.append("stop.jsonl", 4)
    logs.append("events.jsonl", 5)
    assert logs.new() == [4, 5]


def test_arrays_that_swap_their_inodes_are_continued_under_their_names(logs: Directory) -> None:
    logs.write_array("stop.json", 1, 2)
    logs.write_array("notification.json", 3)
    assert logs.new() == [1, 2, 3]
    logs.move("stop.json", "other")
    logs.move("notification.json", "stop.json")
    logs.move("other", "notification.json")
    logs.write_array("stop.json", 1, 2, 4)
    logs.write_array("notification.json", 3, 5)
    assert logs.new() == [4, 5]


def test_an_array_in_another_inode_is_left_until_it_is_written(logs: Directory) -> None:
    logs.write_array("stop.json", 1, 2, 3)
    logs.write_array("notification.json", 4, 5)
    assert logs.new() == [1, 2, 3, 4, 5]
    (logs.path / "stop.json").unlink()
    logs.move("notification.json", "stop.json")
    (logs.path / "stop.json").write_text(json.dumps([record(1), record(2)])[:-20])
    assert logs.new() == []
    logs.write_array("stop.json", 1, 2, 3, 6)
    assert logs.new() == [6]


def test_a_new_file_in_the_inode_of_a_removed_one_is_read_from_its_start(logs: Directory) -> None:
    logs.append("stop.jsonl", 1, 2)
    assert logs.new() == [1, 2]
    logs.move("stop.jsonl", "notification.jsonl")
    os.truncate(logs.path / "notification.jsonl", 0)
    logs.append("notification.jsonl", 3, 4, 5)
    assert logs.new() == [3, 4, 5]


def test_a_file_that_is_replaced_by_a_longer_one_of_the_same_name_is_continued(logs: Directory) -> None:
    logs.append("stop.jsonl", 1)
    assert logs.new() == [1]
    logs.append("new", 1, 2)
    logs.move("new", "stop.jsonl")
    assert logs.new() == [2]


def test_a_file_that_is_replaced_by_another_one_is_read_from_its_start(logs: Directory) -> None:
    logs.append("stop.jsonl", 1)
    logs.append("stop.jsonl.1", 2)
    assert logs.new() == [1, 2]
    logs.append("new", 3, 4)
    logs.move("new", "stop.jsonl")
    assert logs.new() == [3, 4]
