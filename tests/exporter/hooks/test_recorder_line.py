import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from exporter.hooks.recorders import works
from tests.exporter.hooks.conftest import RECORDERS, Hook

PAYLOAD = b'{"session_id":"s-1","hook_event_name":"PreToolUse","tool_input":{"command":"echo \\"\xc3\xa9\\""}}'
STAMP = rb'\{"logged_at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"'


def unstamped(line: bytes) -> bytes:
    return re.sub(STAMP, b'{"logged_at":"T"', line)


@pytest.mark.parametrize("name", RECORDERS)
def test_every_recorder_works_here(name: str) -> None:
    assert works(RECORDERS[name]), f"{RECORDERS[name]} does not run: is its interpreter installed?"


def test_the_time_is_inserted_before_the_members_of_the_payload(hook: Hook) -> None:
    hook.run(PAYLOAD)
    assert unstamped(hook.line()) == b'{"logged_at":"T",' + PAYLOAD[1:] + b"\n"


def test_the_time_is_now_in_utc_to_the_microsecond(hook: Hook) -> None:
    before = datetime.now(UTC)
    for _ in range(3):
        hook.run(PAYLOAD)
    after = datetime.now(UTC)
    lines = hook.written()["s-1/pre_tool_use.jsonl"].splitlines()
    times = [datetime.fromisoformat(json.loads(line)["logged_at"]) for line in lines]
    assert sorted(times) == times
    assert before - timedelta(milliseconds=1) <= times[0]
    assert times[-1] <= after
    assert len({time.microsecond for time in times}) == 3


@pytest.mark.parametrize(
    ("event", "file"),
    [
        ("PreToolUse", "pre_tool_use"),
        ("PostToolUse", "post_tool_use"),
        ("PostToolUseFailure", "post_tool_use"),
        ("PostToolBatch", "events"),
        ("SessionStart", "events"),
        ("AnEventOfTomorrow", "events"),
    ],
)
@pytest.mark.parametrize("named_in", ["argument", "payload"])
def test_the_event_chooses_the_file(hook: Hook, event: str, file: str, named_in: str) -> None:
    payload = json.dumps({"session_id": "s", "effort": {"hook_event_name": "x"}, "hook_event_name": event}).encode()
    hook.run(payload, event if named_in == "argument" else "")
    assert list(hook.written()) == [f"s/{file}.jsonl"]


def test_the_task_and_the_project_come_from_the_environment(hook: Hook) -> None:
    hook.run(PAYLOAD, env={"TASK_ID": "task-7", "CLAUDE_PROJECT_DIR": "/home/zoë/a b"})
    start = b'{"logged_at":"T","task_id":"task-7","project_dir":"/home/zo\xc3\xab/a b","session_id":"s-1",'
    assert unstamped(hook.line()).startswith(start)


def test_a_session_that_the_server_records_itself_is_left_to_it(hook: Hook) -> None:
    for recorded in (f"s-1:{hook.sessions}", f"s-1:/other:{hook.sessions}:/more"):
        hook.run(PAYLOAD, env={"HOOKMETER_TASK_RECORDED": recorded})
    assert hook.written() == {}


@pytest.mark.parametrize("recorded", ["", "s-1:/other", "s-2:{}", "s-11:{}", "{}:s-1", "s-1:{}/more", "s-1"])
def test_every_other_session_and_directory_is_recorded(hook: Hook, recorded: str) -> None:
    hook.run(PAYLOAD, env={"HOOKMETER_TASK_RECORDED": recorded.format(hook.sessions)})
    assert hook.line()


@pytest.mark.parametrize(
    "task", ["", 'a"b', "a\\", "a\nb", "\x01", "\udcff", "\udced\udca0\udc80", "\udcf4\udc90\udc80\udc80"]
)
def test_a_task_that_would_need_escaping_is_left_out(hook: Hook, task: str) -> None:
    hook.run(PAYLOAD, env={"TASK_ID": task})
    assert "task_id" not in json.loads(hook.line())


@pytest.mark.parametrize(
    ("payload", "line"),
    [
        (b"{}", b'{"logged_at":"T"}\n'),
        (b" { }\n", b'{"logged_at":"T" }\n'),
        (b'{\n  "a": 1,\r\n  "b": [\n2]\n}\n', b'{"logged_at":"T",   "a": 1,\r   "b": [ 2] }\n'),
        (b'{"a":"\xff\x00\x80"}', b'{"logged_at":"T","a":"\xff\x00\x80"}\n'),
        (b'{"a":', b'{"logged_at":"T","a":\n'),
        (b"no JSON\nat all", b"no JSON at all\n"),
        (b"[1]", b"[1]\n"),
    ],
)
def test_any_payload_is_one_line(hook: Hook, payload: bytes, line: bytes) -> None:
    hook.run_bare(payload)
    assert unstamped(hook.line()) == line
    assert list(hook.written()) == ["unknown-session/pre_tool_use.jsonl"]


@pytest.mark.parametrize("payload", [b"", b"\n", b" \n\t "])
def test_an_empty_payload_writes_nothing(hook: Hook, payload: bytes) -> None:
    hook.run_bare(payload)
    assert not hook.sessions.exists()


@pytest.mark.parametrize(
    ("session", "directory"),
    [
        ("0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("../../x", "_._.._x"),
        ("a/b", "a_b"),
        (".", "_"),
        ("..", "_."),
        ("-rf", "-rf"),
        ('a"b\\c', "a__b__c"),
        ("a\nb", "a_nb"),
        ("$(id) `id` *", "__id___id___"),
        ("x" * 10_000, "x" * 128),
        ("", "unknown-session"),
    ],
)
@pytest.mark.parametrize("order", ["first", "last"])
def test_a_hostile_session_id_stays_inside_the_sessions_directory(
    hook: Hook, session: str, directory: str, order: str
) -> None:
    payload = {"session_id": session} if order == "first" else {"a": {"session_id": "no"}, "session_id": session}
    hook.run(json.dumps(payload, separators=(",", ":")).encode())
    assert list(hook.written()) == [f"{directory}/pre_tool_use.jsonl"]
    assert [path.name for path in hook.sessions.parent.iterdir()] == ["sessions"]


def test_the_session_id_is_the_one_at_the_top_level(hook: Hook) -> None:
    inner = {"session_id": "inner", "brackets": '}{][ "session_id":"text"', "deeper": [[{"session_id": 1}], None]}
    hook.run(json.dumps({"tool_input": inner, "n": -1.5e3, "t": True, "session_id": "outer"}, indent=2).encode())
    assert list(hook.written()) == ["outer/pre_tool_use.jsonl"]


def test_the_session_id_is_taken_from_the_environment_if_the_payload_has_none(hook: Hook) -> None:
    hook.run(b'{"tool_input":{"session_id":"inner"}}', env={"CLAUDE_CODE_SESSION_ID": "../from/env"})
    assert list(hook.written()) == ["_._from_env/pre_tool_use.jsonl"]
