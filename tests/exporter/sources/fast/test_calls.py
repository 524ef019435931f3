"""The fast path against the plain one, on synthetic sessions of all kinds: both give the same numbers."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exporter.ingest import follow
from exporter.ingest.meter import Meter
from exporter.ledger.migration import migrate
from exporter.ledger.store import Ledger
from exporter.sources.directory_reader import DirectoryRead, read_directory
from exporter.sources.timestamps import to_us
from tests.exporter.sources.fast.synthetic_lines import (
    CALLS,
    LAYOUTS,
    NOON,
    QUIRKS,
    QUIRKS_WITH_SEEDS,
    SESSION,
    SYNTHETIC_EVENTS,
    Lines,
    SyntheticCall,
    SyntheticEvent,
    with_quirks,
    written,
)

WRITTEN_NS = 1_795_348_800 * 10**9
TABLES = (
    "files", "counters", "distributions", "sessions", "open_calls", "agent_runs", "label_values", "projects",
    "session_calls", "session_prompts", "first_prompts", "session_list", "code_hours",
)  # fmt: skip
CALL_HOURS = """
    SELECT hour, project, tool, agent, outcome, category, bucket, calls FROM call_hours JOIN call_kinds ON id = kind
"""


@dataclass(slots=True)
class FastReader:
    """The fast path, with the number of all reads and of those that used it."""

    fast_reads: int = 0
    reads: int = 0

    def read(self, *arguments: Any, is_new: bool, **_none: object) -> DirectoryRead:
        read = read_directory(*arguments, is_new=is_new)
        self.reads += 1
        self.fast_reads += read.paired is not None
        return read


def read_plainly(*arguments: Any, **_none: object) -> DirectoryRead:
    return read_directory(*arguments)


@dataclass
class Counting:
    """A meter over a directory of one session, with a ledger in memory."""

    directory: Path
    meter: Meter
    connection: sqlite3.Connection
    sizes: dict[str, int] = field(default_factory=dict)

    def append(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            path = self.directory / f"{name}.jsonl"
            with path.open("ab") as log:
                log.write(data)
            os.utime(path, ns=(WRITTEN_NS, WRITTEN_NS))

    def numbers(self) -> dict[str, object]:
        """The content of the ledger, without the directories and inodes of files."""
        self.meter.catch_up()
        held: dict[str, object] = {
            table: sorted(self.connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in TABLES
        }
        held["files"] = sorted(self.connection.execute("SELECT name, position, tail FROM files").fetchall())
        held["open_calls"] = sorted(self.connection.execute("SELECT * FROM open_calls").fetchall(), key=repr)
        held["call_hours"] = sorted(self.connection.execute(CALL_HOURS).fetchall())
        seen = self.connection.execute("SELECT session_id, keys FROM seen").fetchall()
        held["seen"] = {(session, key) for session, keys in seen for key in keys.split("\n")}
        return held


@contextmanager
def counting(hours: float = 1) -> Iterator[Counting]:
    now_us = to_us((NOON + timedelta(hours=hours)).isoformat())
    assert now_us is not None
    with (
        tempfile.TemporaryDirectory() as root,
        closing(sqlite3.connect(":memory:", isolation_level=None)) as connection,
    ):
        migrate(connection)
        directory = Path(root, SESSION)
        directory.mkdir()
        yield Counting(directory, Meter([root], Ledger(connection, 10_000), lambda: now_us), connection)


def numbers(files: Lines, hours: float, read: Callable[..., DirectoryRead]) -> dict[str, object]:
    with counting(hours) as counted, patch.object(follow, "read_directory", read):
        counted.append({name: b"".join(lines) for name, lines in files.items()})
        return counted.numbers()


def test_both_paths_give_the_same_numbers_and_usual_lines_take_the_fast_one() -> None:
    fast = FastReader()

    @settings(max_examples=400, derandomize=True)
    @given(
        st.sampled_from(LAYOUTS),
        st.lists(CALLS, min_size=1, max_size=6),
        st.lists(SYNTHETIC_EVENTS, max_size=3),
        QUIRKS_WITH_SEEDS,
        st.sampled_from((1, 1, 30)),
    )
    def compare(
        layout: str,
        calls: list[SyntheticCall],
        events: list[SyntheticEvent],
        quirks: list[tuple[str, int]],
        hours: float,
    ) -> None:
        files = with_quirks(written(layout, calls, events), quirks)
        assert numbers(files, hours, fast.read) == numbers(files, hours, read_plainly)

    compare()
    assert fast.fast_reads > fast.reads / 4


def test_every_quirk_among_usual_lines_gives_the_same_numbers_on_both_paths() -> None:
    calls = [
        SyntheticCall("Bash", 0, 1_000 * n, 10, "failure" if n == 3 else "success", "Exit code 1", n % 2 == 0)
        for n in range(6)
    ]
    for layout in LAYOUTS:
        lines = written(layout, calls, [SyntheticEvent("UserPromptSubmit", 7_000, 0, 0)])
        for name, quirk in QUIRKS.items():
            for file in ("pre_tool_use", "post_tool_use", "events"):
                files = with_quirks(lines, ())
                quirk(random.Random(1), files[file])
                assert numbers(files, 1, read_directory) == numbers(files, 1, read_plainly), (layout, name, file)


def test_ends_in_a_file_of_failures_give_the_same_numbers_on_both_paths() -> None:
    calls = [SyntheticCall("Bash", 0, 1_000 * n, 10, "success", "", has_duration=True) for n in range(3)]
    for layout in LAYOUTS:
        files = with_quirks(written(layout, calls, []), ())
        files["post_tool_use_failure"] = files.pop("post_tool_use")
        assert numbers(files, 1, read_directory) == numbers(files, 1, read_plainly), layout


@settings(max_examples=200, derandomize=True)
@given(
    st.sampled_from(LAYOUTS),
    st.lists(CALLS, min_size=1, max_size=6),
    st.lists(SYNTHETIC_EVENTS, max_size=3),
    st.lists(st.floats(0, 1), max_size=4),
)
def test_lines_that_are_read_in_parts_give_the_same_numbers_as_all_at_once(
    layout: str, calls: list[SyntheticCall], events: list[SyntheticEvent], cuts: list[float]
) -> None:
    records = written(layout, calls, events)
    assume(len({fields.get("logged_at") or fields["timestamp"] for _, fields in records}) == len(records))
    assume(layout == "payload" or not events)  # else the session may be counted before a line names its project
    lines = [(file, json.dumps(fields).encode() + b"\n") for file, fields in records]
    with counting(hours=0) as whole, counting(hours=0) as in_parts:  # nothing is settled in between
        marks = sorted({0, len(lines), *(round(cut * len(lines)) for cut in cuts)})
        for first, last in pairwise(marks):
            for file, line in lines[first:last]:
                whole.append({file: line})
                in_parts.append({file: line})
            in_parts.meter.catch_up()
        assert in_parts.numbers() == whole.numbers()
