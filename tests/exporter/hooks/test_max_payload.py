"""Recorders cut long texts of results if they are asked to, and whatever is read of a line is as before."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exporter.hooks.max_payload import max_payload, set_max_payload
from exporter.hooks.recorders import Recorder
from exporter.model.records import HookRecord, Phase
from exporter.sources.hook_records import decode_line, read_record
from tests.exporter.hooks.conftest import RECORDERS, Hook
from tests.support.not_regular import NOT_REGULAR, deadline

LIMIT = 16 << 10
NUMBERS = count()
LONG = "line of code\n" * 4000
CUT = re.compile(r"\.\.\.\[(\d+) bytes cut\]")


def payload(event: str = "PostToolUse", **fields: Any) -> dict[str, Any]:
    call = {"tool_name": "Edit", "tool_input": {"file_path": "/x/shop.py"}, "tool_use_id": "toolu_1"}
    return {"session_id": "s", "hook_event_name": event, **call, **fields}


def encoded(given: dict[str, Any], *, ascii_only: bool = False) -> bytes:
    text = json.dumps(given, separators=(",", ":"), ensure_ascii=ascii_only)
    return text.encode("utf-8", "surrogatepass")


def recorded(hook: Hook, given: bytes, limit: int = LIMIT) -> bytes:
    """The line that a recorder writes to a directory of its own."""
    directory = hook.sessions / str(next(NUMBERS))
    set_max_payload(directory, limit)
    other = Hook(hook.recorder, directory)
    other.run(given, "PostToolUse")
    return (directory / "s" / "post_tool_use.jsonl").read_bytes()


def record(line: bytes) -> HookRecord:
    found = read_record(decode_line(line), Phase.END, "s")
    assert found
    return replace(found, time_us=None)


def edit(**fields: Any) -> dict[str, Any]:
    hunk = {"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": 2, "lines": [" a", "-b", "+c", "+d"]}
    return {"filePath": "/x/shop.py", "oldString": "b", "newString": "c", "structuredPatch": [hunk], **fields}


@pytest.mark.parametrize(
    "response",
    [
        edit(originalFile=LONG),
        edit(originalFile=LONG, structuredPatch=[{"lines": [f"+{LONG[:40]}", f"-{LONG[:90]}"] * 4000}]),
        {"type": "create", "filePath": "/x/shop.py", "content": LONG, "structuredPatch": [], "originalFile": None},
        {"type": "create", "filePath": "/x/shop.py", "content": LONG + "end", "structuredPatch": []},
        {"type": "create", "filePath": "/x/shop.py", "content": "\\n" * 40_000, "structuredPatch": []},
        {"stdout": LONG, "stderr": "", "interrupted": True},
        {"status": "completed", "agentId": "a1", "content": [{"type": "text", "text": LONG}]},
        {"task_id": "b1", "command": LONG},
        {"stdout": LONG, "gitOperation": {"commit": {"sha": "abc", "kind": "committed"}}},
        LONG,
        [LONG, {"nested": [LONG]}],
    ],
)
def test_results_are_cut_and_everything_that_counts_stays(hook: Hook, response: object) -> None:
    whole = encoded(payload(tool_response=response, duration_ms=7))
    line = recorded(hook, whole)
    assert len(line) < len(whole) / 2
    assert CUT.search(line.decode())
    assert record(line) == record(whole)


def test_a_line_is_about_as_long_as_allowed_however_large_the_patch(hook: Hook) -> None:
    for response in (edit(originalFile=LONG * 10), {"stdout": LONG * 10}):
        assert len(recorded(hook, encoded(payload(tool_response=response)))) <= LIMIT
    large = edit(originalFile=LONG * 2, structuredPatch=[{"lines": ["+" + "x" * 200] * 900}])
    assert len(recorded(hook, encoded(payload(tool_response=large)), 64 << 10)) <= 64 << 10


def test_inputs_and_names_are_never_cut(hook: Hook) -> None:
    asked = {"content": LONG, "tool_response": {"x": LONG}, "text": f'"tool_response":"{LONG}"'}
    line = recorded(hook, encoded(payload(tool_input=asked, tool_response={"a" * 20_000: LONG})))
    found = json.loads(line)
    assert found["tool_input"] == asked
    assert CUT.search(found["tool_response"]["a" * 20_000])


def test_results_of_a_batch_are_cut_too(hook: Hook) -> None:
    call = {"tool_name": "Read", "tool_input": {}, "tool_use_id": "toolu_1", "tool_response": "Denied. " + LONG}
    whole = encoded({"session_id": "s", "hook_event_name": "PostToolBatch", "tool_calls": [call]})
    line = recorded(hook, whole)
    assert len(line) < len(whole) / 2
    found = json.loads(line)["tool_calls"][0]
    assert found["tool_response"].startswith("Denied. line of code\n")
    assert found | {"tool_response": ""} == call | {"tool_response": ""}


def test_the_number_of_bytes_that_were_cut_is_reported(hook: Hook) -> None:
    line = recorded(hook, encoded(payload(tool_response="x" * 100_000)))
    assert json.loads(line)["tool_response"] == "x" * (LIMIT // 4) + f"...[{100_000 - LIMIT // 4} bytes cut]"


@pytest.mark.parametrize("text", ["\\ud83d", "\ud83d", "😀", "é", "€", '\\"', "\x01", "\\", "a"])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_character_is_cut_in_half(hook: Hook, text: str, ascii_only: bool) -> None:
    for shift in range(8):
        whole = "x" * shift + text * 9000
        line = recorded(hook, encoded(payload(tool_response=whole), ascii_only=ascii_only))
        start = CUT.split(str(json.loads(line.decode("utf-8", "surrogatepass"))["tool_response"]))[0]
        assert len(start) > 300
        assert whole.startswith(start)


@pytest.mark.parametrize(
    "given",
    [
        encoded(payload(tool_response="x" * 10_000)),
        encoded(payload(tool_response="x" * 100_000))[:-3],
        b'{"session_id":"s","tool_response":"' + b"\\" * 50_001,
        encoded(payload("UserPromptSubmit", prompt=LONG)),
    ],
)
def test_what_is_short_enough_or_no_json_or_no_result_is_recorded_as_it_is(hook: Hook, given: bytes) -> None:
    assert recorded(hook, given).endswith(given[1:] + b"\n")


@pytest.mark.parametrize("size", [b"", b"0\n", b"many\n", b"100\n"])
def test_an_invalid_size_cuts_nothing(hook: Hook, size: bytes) -> None:
    hook.sessions.mkdir(parents=True)
    (hook.sessions / ".max-payload").write_bytes(size)
    given = encoded(payload(tool_response=LONG))
    hook.run(given)
    assert hook.sessions.joinpath("s", "pre_tool_use.jsonl").read_bytes().endswith(given[1:] + b"\n")


@pytest.mark.parametrize("kind", NOT_REGULAR)
def test_what_is_no_file_in_its_place_delays_and_cuts_nothing(hook: Hook, kind: str) -> None:
    hook.sessions.mkdir(parents=True)
    NOT_REGULAR[kind](hook.sessions / ".max-payload")
    given = encoded(payload(tool_response=LONG))
    with deadline():
        hook.run(given)
    assert hook.sessions.joinpath("s", "pre_tool_use.jsonl").read_bytes().endswith(given[1:] + b"\n")


def test_the_size_is_set_changed_and_removed(tmp_path: Path) -> None:
    sessions = tmp_path / "new" / "sessions"
    for size in (64 << 10, 1 << 20, 0):
        set_max_payload(sessions, size)
        assert max_payload(sessions) == size
    assert list(sessions.iterdir()) == []


TEXTS = st.one_of(
    st.text(max_size=20),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=9), st.integers(2000, 9000)),
    st.sampled_from(
        (
            "async_launched",
            "completed",
            "create",
            "committed",
            "/x/a.py",
            "+a",
            "-b",
            "\ud83d",
            "😀\n" * 5000,
            "\\ud83d" * 3000,
            "é" * 9001,
        )
    ),
)
NAMES = st.sampled_from(
    ("content", "lines", "structuredPatch", "filePath", "type", "status", "agentId", "gitOperation", "commit", "kind",
     "interrupted", "backgroundTaskId", "task_id", "stdout", "tool_response")
)  # fmt: skip
OF_ANY_LENGTH = {
    "content",
    "lines",
    "stdout",
    "tool_response",
}  # the others are names, which nothing makes longer than this
MAX_NAME = 100


def with_real_names(given: dict[str, object]) -> dict[str, object]:
    """Members as Claude Code writes them."""
    return {
        name: of[:MAX_NAME] if isinstance(of, str) and name not in OF_ANY_LENGTH else of for name, of in given.items()
    }


VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(NAMES, inner, max_size=6).map(with_real_names)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("ascii_only", [False, True])
@given(response=VALUES, asked=VALUES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_recorders_write_the_same_and_it_is_read_as_the_whole(
    tmp_path: Path, compiled_recorder: Recorder, ascii_only: bool, response: object, asked: object
) -> None:
    whole = encoded(payload(tool_input=asked, tool_response=response), ascii_only=ascii_only)
    written = [recorded(Hook(each, tmp_path), whole) for each in (compiled_recorder, *RECORDERS.values())]
    assert len({line.partition(b'"session_id"')[2] for line in written}) == 1
    assert record(written[0]) == record(whole)
    json.loads(written[0])
