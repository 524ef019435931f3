"""Sessions from real directories, also compared with the ledger of the exporter."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.sessions import status
from tests.exporter.listed_sessions import listed, odd_sessions
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, append, call, event, iso, now_us

HOSTILE = ("", ".", "..", "../x", "../../etc", "a/b", "a\\b", "a\0b", "/etc", "\ud800", "x" * 300, "\n")


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sessions").mkdir()
    return tmp_path / "sessions"


def test_sessions_of_24_hours_are_listed_newest_first(root: Path, now: int) -> None:
    for name, hours in (("old", 25), ("morning", 20), ("now", 0), ("noon", 5)):
        call(root, name, now - hours * HOUR_US - SECOND_US)
    assert list(listed(root)) == ["now", "noon", "morning"]


def test_a_summary_has_the_totals_of_its_lines(root: Path, now: int) -> None:
    event(root, "s", "SessionStart", now - 90 * SECOND_US, project_dir="/home/you/web-shop")
    call(root, "s", now - 60 * SECOND_US)
    call(root, "s", now - 30 * SECOND_US, took_ms=None)
    assert listed(root)["s"] == {
        "session_uuid": "s",
        "project": "web-shop",
        "status": "active",
        "tool_count": 2,
        "error_count": 0,
        "running": 1,
        "running_agents": 0,
        "background_commands": 0,
        "duration_ms": 60_000,
        "started_at": iso(now - 90 * SECOND_US).replace("Z", "+00:00"),
        "last_activity_at": iso(now - 30 * SECOND_US).replace("Z", "+00:00"),
        "witnesses": ["hooks"],
    }


def test_projects_with_one_name_have_different_labels_in_the_list_and_in_the_details(root: Path, now: int) -> None:
    for number, name in enumerate(("globex", "acme")):
        event(root, name, "SessionStart", now - number * SECOND_US, project_dir=f"/home/{name}/backend")
    reader = HooksReader(root)
    projects = {"acme": "backend", "globex": "globex/backend"}
    assert {session["session_uuid"]: session["project"] for session in reader.get_all_sessions()} == projects
    for name, project in projects.items():
        details = reader.get_session_details(name)
        assert details
        assert details["summary"]["project"] == project


def test_a_session_is_active_idle_or_completed(root: Path, now: int) -> None:
    call(root, "working", now - MINUTE_US)
    call(root, "waiting", now - 10 * MINUTE_US)
    call(root, "in a long call", now - 30 * MINUTE_US, took_ms=None)
    call(root, "silent", now - 2 * HOUR_US)
    call(root, "ended", now - MINUTE_US)
    event(root, "ended", "SessionEnd", now)
    assert {name: session["status"] for name, session in listed(root).items()} == {
        "working": "active",
        "waiting": "idle",
        "in a long call": "active",
        "silent": "completed",
        "ended": "completed",
    }


def test_a_call_without_an_end_for_24_hours_is_no_longer_running(root: Path, now: int) -> None:
    call(root, "s", now - 25 * HOUR_US, took_ms=None)
    call(root, "s", now - 10 * MINUTE_US)
    reader = HooksReader(root)
    (session,) = reader.get_all_sessions()
    assert (session["tool_count"], session["running"], session["status"]) == (2, 0, "idle")
    details = reader.get_session_details("s")
    assert details
    assert details["summary"] == session
    assert [tool["outcome"] for tool in details["tools"]] == ["unknown", "success"]


def test_a_call_expires_without_a_change_of_its_file(root: Path, now: int) -> None:
    call(root, "s", now - 23 * HOUR_US, took_ms=None)
    call(root, "s", now)
    clock = [now]
    reader = HooksReader(root, clock=lambda: clock[0])
    assert reader.get_all_sessions()[0]["running"] == 1
    clock[0] += 2 * HOUR_US
    assert reader.get_all_sessions()[0]["running"] == 0


def test_a_session_in_two_directories_is_listed_once_and_copied_lines_count_once(tmp_path: Path, now: int) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    call(one, "s", now - MINUTE_US)
    event(one, "s", "UserPromptSubmit", now - MINUTE_US)
    shutil.copytree(one / "s", other / "s")
    call(other, "s", now)
    assert {name: session["tool_count"] for name, session in listed(one, other).items()} == {"s": 2}


def test_a_call_that_starts_in_one_directory_may_end_in_another(tmp_path: Path, now: int) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    call(one, "s", now - SECOND_US)
    (other / "s").mkdir(parents=True)
    (one / "s" / "post_tool_use.jsonl").rename(other / "s" / "post_tool_use.jsonl")
    assert (listed(one, other)["s"]["tool_count"], listed(one, other)["s"]["running"]) == (1, 0)


def test_a_directory_named_twice_is_read_once(root: Path, tmp_path: Path, now: int) -> None:
    event(root, "s", "PreToolUse", None, tool_name="Read")  # has nothing by which a repetition could be recognized
    (tmp_path / "link").symlink_to(root)
    assert listed(root, root, tmp_path / "link", root / ".." / "sessions")["s"]["tool_count"] == 1


def test_a_session_in_a_directory_with_another_name_is_the_same_session(root: Path, now: int) -> None:
    call(root, "s", now - MINUTE_US)
    for name in ("pre_tool_use.jsonl", "post_tool_use.jsonl"):
        append(root / "2026-01-01" / name, *(root / "s" / name).read_text().splitlines())  # a copy
        append(root / name, *(root / "s" / name).read_text().splitlines())  # and one in the root itself
    event(root, "s", "PreToolUse", now, directory="2026-01-01", tool_name="Edit", tool_use_id="other")
    reader = HooksReader(root)
    (session,) = reader.get_all_sessions()
    details = reader.get_session_details("s")
    assert (session["tool_count"], session["running"]) == (2, 1)
    assert details
    assert details["summary"] == session
    assert [tool["tool_name"] for tool in details["tools"]] == ["Bash", "Edit"]


def test_a_session_that_only_its_lines_name_is_found(root: Path, now: int) -> None:
    event(root, "s", "PreToolUse", now, directory="today", tool_name="Edit", tool_use_id="1")
    details = HooksReader(root).get_session_details("s")
    assert details
    assert [tool["tool_name"] for tool in details["tools"]] == ["Edit"]
    assert HooksReader(root).get_session_details("today") is None


def test_lines_without_a_session_belong_to_the_session_of_their_directory(root: Path, now: int) -> None:
    line = {"timestamp": iso(now), "tool": "Bash", "parameters": {}}
    append(root / "pre_tool_use.jsonl", line)
    append(root / "s" / "pre_tool_use.jsonl", line)
    assert {name: session["running"] for name, session in listed(root).items()} == {"s": 1, "sessions": 1}
    assert HooksReader(root).get_session_details("another") is None


def test_a_changed_file_is_read_again_at_once(root: Path, now: int) -> None:
    call(root, "s", now)
    reader = HooksReader(root)
    assert reader.get_all_sessions()[0]["tool_count"] == 1
    for number in range(2, 6):
        call(root, "s", now)
        assert reader.get_all_sessions()[0]["tool_count"] == number


def test_directories_may_appear_and_vanish(root: Path, tmp_path: Path, now: int) -> None:
    reader = HooksReader(root, [tmp_path / "later"])
    assert reader.get_all_sessions() == []
    call(root, "a", now)
    call(tmp_path / "later", "b", now - SECOND_US)
    assert [session["session_uuid"] for session in reader.get_all_sessions()] == ["a", "b"]
    shutil.rmtree(root)
    assert [session["session_uuid"] for session in reader.get_all_sessions()] == ["b"]
    assert reader.get_session_details("a") is None
    assert reader.unreadable == {}


def test_a_root_may_be_missing_a_file_or_a_loop(tmp_path: Path, now: int) -> None:
    call(tmp_path / "good", "s", now)
    append(tmp_path / "file", "x")
    (tmp_path / "loop").symlink_to("loop")
    reader = HooksReader(tmp_path / "good", [tmp_path / "missing", tmp_path / "file", tmp_path / "loop"])
    assert len(reader.get_all_sessions()) == 1
    assert reader.unreadable == {str(tmp_path / "loop"): "Too many levels of symbolic links"}


def test_a_file_that_cannot_be_read_is_reported_and_all_others_are_read(root: Path, now: int) -> None:
    call(root, "good", now)
    call(root, "bad", now)
    (root / "bad" / "events.jsonl").symlink_to("/proc/self/mem")  # opens, but cannot be read, even by root
    reader = HooksReader(root)
    assert {session["session_uuid"]: session["tool_count"] for session in reader.get_all_sessions()} == {
        "good": 1,
        "bad": 1,
    }
    assert len(reader.unreadable) == 1
    (root / "bad" / "events.jsonl").unlink()
    assert len(reader.get_all_sessions()) == 2
    assert reader.unreadable == {}


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_leads_nowhere(root: Path, name: str, now: int) -> None:
    call(root.parent, "x", now)
    call(root, "a", now)
    call(root / "a", "b", now)
    assert HooksReader(root).get_session_details(name) is None


def test_calls_are_ordered_by_their_start(root: Path, now: int) -> None:
    for seconds in (50, 10, 30):
        call(root, "s", now - seconds * SECOND_US, tool=f"T{seconds}", took_ms=seconds * 900)
    call(root, "s", now - 20 * SECOND_US, tool="T20", took_ms=None)
    details = HooksReader(root).get_session_details("s")
    assert details
    assert [tool["tool_name"] for tool in details["tools"]] == ["T50", "T30", "T20", "T10"]


def test_a_call_has_its_outcome(root: Path, now: int) -> None:
    call(root, "s", now - 9 * SECOND_US, took_ms=1500, agent_id="a1", agent_type="Explore")
    call(root, "s", now - 8 * SECOND_US, error="bash: nosuch: command not found")
    call(root, "s", now - 7 * SECOND_US, took_ms=None)
    details = HooksReader(root).get_session_details("s")
    assert details
    calls = [
        (t["outcome"], t["success"], t["error"], t["error_category"], t["duration_ms"], t["agent"])
        for t in details["tools"]
    ]
    assert calls == [
        ("success", True, None, None, 1500, "Explore"),
        ("error", False, "bash: nosuch: command not found", "command_not_found", 100, "main"),
        ("running", None, None, None, None, "main"),
    ]


def test_secrets_in_parameters_and_errors_are_redacted(root: Path, now: int) -> None:
    secret = "sk-ant-0123456789abcdef"
    call(root, "s", now, tool_input={"api_key": secret, "deep": [{"command": f"curl -H 'x: {secret}'"}]}, error=secret)
    details = HooksReader(root).get_session_details("s")
    assert details
    assert secret not in json.dumps(details)
    assert "[redacted]" in json.dumps(details["tools"][0]["parameters"])
    (record,) = HooksReader(root).parse_post_tool_use(root / "s" / "post_tool_use.jsonl")
    assert secret not in json.dumps(record)


def test_reader_and_ledger_agree(tmp_path: Path, now: int) -> None:
    roots = list(odd_sessions(tmp_path / "one", tmp_path / "other", now))
    reader = HooksReader(roots[0], roots[1:], clock=lambda: now)
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter(map(str, roots), ledger, clock=lambda: now + HOUR_US)
        meter.catch_up()
        counted = {
            session.session_id: (
                status(session, now).value,
                session.calls + session.open_calls,
                session.open_calls,
                Path(session.project).name,
                session.last_us,
            )
            for session in meter.recent_sessions()
        }
    shown = {
        session["session_uuid"]: (
            session["status"], session["tool_count"], session["running"], session["project"],
            session["last_activity_at"],
        )
        for session in reader.get_all_sessions()
    }  # fmt: skip
    assert shown == {
        name: (*others, iso(last_us).replace("Z", "+00:00").replace(".000000+", "+"))
        for name, (*others, last_us) in counted.items()
    }
    for name, summary in ((s["session_uuid"], s) for s in reader.get_all_sessions()):
        details = reader.get_session_details(name)
        assert details
        assert details["summary"] == summary
        assert len(details["tools"]) == summary["tool_count"]


def test_the_list_is_the_same_if_nothing_changed(tmp_path: Path, now: int) -> None:
    roots = list(odd_sessions(tmp_path / "one", tmp_path / "other", now))
    reader = HooksReader(roots[0], roots[1:], clock=lambda: now)
    assert reader.get_all_sessions() == reader.get_all_sessions()
