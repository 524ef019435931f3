"""The head of a transcript, with the first lines that Claude Code 2.1.332 writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exporter.sources.files import LogFile, log_file
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_heads import HEAD_BYTES, Head, read_head, working_directories

EARLY, LATE = "2026-11-20T08:00:00.100Z", "2026-11-20T09:00:00.200Z"
EARLY_US, LATE_US = to_us(EARLY), to_us(LATE)
CWD = "/home/dev/shop"
MODE = {"type": "mode", "mode": "normal", "sessionId": "s"}
QUEUE = {"type": "queue-operation", "operation": "enqueue", "timestamp": LATE, "sessionId": "s"}
SNAPSHOT = {"type": "file-history-snapshot", "snapshot": {"trackedFileBackups": {}, "timestamp": LATE}}
COPY = {"type": "user", "timestamp": EARLY, "cwd": CWD, "sessionId": "s"}
BRANCHED = COPY | {"forkedFrom": {"sessionId": "parent", "messageUuid": "u"}}


def transcript(path: Path, *lines: Any) -> LogFile:
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    file = log_file(str(path.parent), path.name)
    assert file
    return file


@pytest.mark.parametrize(
    ("lines", "time_us", "is_branch"),
    [
        ([COPY | {"timestamp": LATE}], LATE_US, False),
        ([MODE, QUEUE, COPY], LATE_US, False),
        ([MODE, SNAPSHOT, COPY], LATE_US, False),
        ([BRANCHED, BRANCHED], EARLY_US, True),
    ],
    ids=["session", "fork by -p", "fork in a terminal", "branch"],
)
def test_a_session_began_with_its_first_line_that_is_no_copy(
    tmp_path: Path, lines: list[Any], time_us: int, is_branch: bool
) -> None:
    assert read_head(transcript(tmp_path / "t.jsonl", *lines)) == Head("s", time_us, CWD, is_branch)


@pytest.mark.parametrize("noise", ["", "{torn\n", "[]\n", '{"sessionId": 1, "cwd": [], "timestamp": {}}\n', "\n\n"])
def test_lines_of_other_shapes_are_skipped(tmp_path: Path, noise: str) -> None:
    assert read_head(transcript(tmp_path / "t.jsonl", noise, COPY)) == Head("s", EARLY_US or 0, CWD, is_branch=False)


def test_the_first_prompt_may_be_long(tmp_path: Path) -> None:
    long = COPY | {"message": {"content": "x" * 20 * HEAD_BYTES}}
    ordered = {"message": long["message"]} | long  # the directory comes last
    assert read_head(transcript(tmp_path / "t.jsonl", MODE, ordered)).cwd == CWD


def test_a_transcript_that_reports_nothing_is_as_old_as_its_last_write(tmp_path: Path) -> None:
    for lines in ([], [MODE | {"sessionId": None}], ["{"]):
        file = transcript(tmp_path / "t.jsonl", *lines)
        assert read_head(file) == Head("", file.modified_ns // 1000, "", is_branch=False)


def test_the_working_directories_of_all_lines_are_found_once(tmp_path: Path) -> None:
    lines = [COPY, COPY | {"cwd": '/srv/"é"'}, {"type": "user", "message": {"content": '"cwd":"/no"'}}, COPY]
    assert list(working_directories(transcript(tmp_path / "t.jsonl", *lines))) == [CWD, '/srv/"é"']
