"""The records of single logs, in every format."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exporter.hooks_reader import HooksReader
from tests.support.synthetic_logs import SECOND_US, append, iso, now_us


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sessions").mkdir()
    return tmp_path / "sessions"


def test_any_log_gives_valid_json(root: Path, now: int) -> None:
    head = f'"timestamp":"{iso(now)}","tool":"T","session_id":"s","tool_use_id"'
    odd = [
        rf'{{{head}:"1","tool_input":{{"a\udc90":"\ud83d","ok":"\ud83d\ude00"}},"project_dir":"/x/\udc90"}}',
        f'{{{head}:"2","tool_input":{{"n":1e999,"list":[NaN,-Infinity]}}}}',
        f'{{{head}:"3","tool_input":{"9" * 5000}}}',
        f'{{{head}:"4","tool_input":{"[" * 900}{"]" * 900}}}',
        f'{{{head}:"5","tool_input":"text"}}',
        f'{{{head}:"6","tool_input":null}}',
    ]
    append(root / "s" / "pre_tool_use.jsonl", *odd)
    reader = HooksReader(root)
    details = reader.get_session_details("s")
    assert details
    for result in (reader.get_all_sessions(), details, reader.parse_pre_tool_use(root / "s" / "pre_tool_use.jsonl")):
        assert json.loads(json.dumps(result, allow_nan=False)) == msgspec.json.decode(msgspec.json.encode(result))
    shown = [tool["parameters"] for tool in details["tools"]]
    assert {"a\ufffd": "\ufffd", "ok": "😀"} in shown
    assert "text" in shown


Line = dict[str, Any]
FORMATS: dict[str, tuple[Line, Line]] = {
    "old recorder": (
        {"timestamp": "@0", "tool": "Bash", "parameters": {"command": "ls"}, "status": "starting", "session_uuid": "s"},
        {"timestamp": "@1", "tool": "Bash", "output_length": 3, "has_error": True, "error": "boom"},
    ),
    "spec": (
        {"tool_name": "Bash", "timestamp": "@0", "parameters": {"command": "ls"}, "session_id": "s"},
        {"tool_name": "Bash", "timestamp": "@1", "duration_ms": 5, "success": False, "error": "boom"},
    ),
    "payload": (
        {"logged_at": "@0", "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "ls"}},
        {"logged_at": "@1", "hook_event_name": "PostToolUseFailure", "tool_name": "Bash", "error": "boom"},
    ),
    "camelCase": (
        {"timestamp": "@0", "hookEventName": "PreToolUse", "toolName": "Bash", "toolInput": {"command": "ls"}},
        {"timestamp": "@1", "hookEventName": "PostToolUseFailure", "toolName": "Bash", "error": "boom"},
    ),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("as_array", [False, True], ids=["lines", "array"])
def test_every_format_is_parsed_to_the_same_record(root: Path, name: str, as_array: bool, now: int) -> None:
    pre, post = json.loads(json.dumps(FORMATS[name]).replace("@0", iso(now)).replace("@1", iso(now + SECOND_US)))
    for file, line in (("pre.json", pre), ("post.json", post)):
        append(root / "s" / file, json.dumps([line], indent=1) if as_array else line)
    (start,) = HooksReader(root).parse_pre_tool_use(root / "s" / "pre.json")
    (end,) = HooksReader(root).parse_post_tool_use(str(root / "s" / "post.json"))
    assert start == {
        "tool_name": "Bash",
        "timestamp": iso(now).replace("Z", "+00:00"),
        "session_uuid": "s",
        "tool_use_id": "",
        "agent": "main",
        "parameters": {"command": "ls"},
        "duration_ms": None,
        "success": None,
        "error": None,
    }
    assert (end["tool_name"], end["session_uuid"], end["success"], end["error"]) == ("Bash", "s", False, "boom")


def test_bad_lines_are_skipped_and_a_line_without_a_session_has_that_of_its_directory(root: Path) -> None:
    path = append(root / "s" / "pre_tool_use.jsonl", '\ufeff{"tool":"A"}', "", "nonsense", "[]", "7", '{"tool":"B"}')
    with path.open("a") as log:
        log.write('{"tool":"torn')
    records = HooksReader(root).parse_pre_tool_use(path)
    assert [(record["tool_name"], record["session_uuid"]) for record in records] == [("A", "s"), ("B", "s")]


def test_a_path_that_is_not_a_file_has_no_records(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(root / "pipe")
    reader = HooksReader(root)
    for path in (root / "missing", root, root / "pipe", "a\0b", "\ud800", "", root / "missing" / ".." / "x"):
        assert reader.parse_pre_tool_use(path) == reader.parse_post_tool_use(path) == []
    append(root / "x.jsonl", '{"tool":"A"}')
    monkeypatch.chdir(root)
    assert [record["session_uuid"] for record in reader.parse_pre_tool_use("x.jsonl")] == ["sessions"]
