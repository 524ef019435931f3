"""Sessions that transcripts report, alone or with hook logs."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.clock import iso as moment
from exporter.model.money import Amount
from exporter.serving.pages import TEXT, Pages
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.work import session_list
from exporter.views.sessions import priced
from tests.exporter.session_roots import Roots, details, figures
from tests.support.page import sample, samples_of
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, append, call, event, iso, now_us
from tests.support.synthetic_transcripts import (
    transcript,
    transcript_call,
    transcript_end,
    transcript_prompt,
)
from tests.support.transcript_lines import SLUG


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    (tmp_path / "sessions").mkdir()
    return Roots(tmp_path / "sessions", tmp_path / "projects")


def test_a_session_without_hooks_has_its_calls_with_inputs_errors_and_durations(roots: Roots, now: int) -> None:
    started = now - 5 * MINUTE_US
    transcript_prompt(roots.projects, "s", started)
    transcript_call(roots.projects, "s", started + SECOND_US, took_ms=1500, tool_input={"command": "make test"})
    transcript_call(roots.projects, "s", started + 3 * SECOND_US, error="bash: nosuch: command not found")
    transcript_call(roots.projects, "s", started + 4 * SECOND_US, tool="Read", agent_id="a1")
    denied: dict[str, Any] = {"toolDenialKind": "permission-rule", "toolDenialBeforeRun": True}
    transcript_call(roots.projects, "s", started + 5 * SECOND_US, tool="Write", error="Not allowed.", **denied)
    transcript_call(roots.projects, "s", now, tool="Edit", took_ms=None)
    summary, tools = details(roots.reader(now), "s")
    assert [(t["tool_name"], t["outcome"], t["duration_ms"], t["agent"], t["error_category"]) for t in tools] == [
        ("Bash", "success", 1500, "main", None),
        ("Bash", "error", 100, "main", "command_not_found"),
        ("Read", "success", 100, "Explore", None),
        ("Write", "denied", None, "main", "permission_denied"),
        ("Edit", "running", None, "main", None),
    ]
    assert tools[0]["parameters"] == {"command": "make test"}
    assert (tools[1]["error"], tools[3]["error"]) == ("bash: nosuch: command not found", "Not allowed.")
    assert (summary["project"], summary["status"]) == ("shop", "active")
    assert (summary["tool_count"], summary["error_count"], summary["running"]) == (5, 1, 1)
    assert summary["started_at"] == iso(started).replace("Z", "+00:00").replace(".000000+", "+")
    assert roots.reader(now).get_all_sessions() == [summary]


def test_secrets_in_the_inputs_and_errors_of_transcripts_are_redacted(roots: Roots, now: int) -> None:
    secret = "sk-ant-0123456789abcdef"
    hidden = {"api_key": secret, "deep": [{"command": f"curl -H 'x: {secret}'"}]}
    transcript_call(roots.projects, "s", now, tool_input=hidden, error=f"401 for {secret}")
    _, (tool,) = details(roots.reader(now), "s")
    assert secret not in json.dumps(tool)
    assert "[redacted]" in json.dumps(tool["parameters"])
    assert "[redacted]" in json.dumps(tool["error"])


def test_a_call_that_both_report_counts_once_with_the_time_of_the_hooks(roots: Roots, now: int) -> None:
    call_id = call(roots.logs, "s", now - 9 * SECOND_US, took_ms=700)
    transcript_call(roots.projects, "s", now - 10 * SECOND_US, took_ms=3000, call_id=call_id)
    summary, (tool,) = details(roots.reader(now), "s")
    assert (tool["duration_ms"], tool["outcome"], tool["parameters"]) == (700, "success", {"command": "make"})
    assert (summary["tool_count"], summary["running"]) == (1, 0)


def test_transcripts_complete_what_hooks_leave_open_and_what_they_never_saw(roots: Roots, now: int) -> None:
    call_id = call(roots.logs, "s", now - 9 * SECOND_US, took_ms=None)
    transcript_call(roots.projects, "s", now - 9 * SECOND_US, call_id=call_id, error="Exit code 1")
    transcript_call(roots.projects, "s", now - 5 * SECOND_US, tool="Read")
    _, tools = details(roots.reader(now), "s")
    assert [(tool["tool_name"], tool["outcome"]) for tool in tools] == [("Bash", "error"), ("Read", "success")]


def test_a_call_has_the_witness_of_its_end_and_a_session_all_of_its_witnesses(roots: Roots, now: int) -> None:
    times = (now - seconds * SECOND_US for seconds in range(90, 0, -1))
    call(roots.logs, "s", next(times), tool="Hooked")
    ids = [call(roots.logs, "s", next(times), tool=tool, took_ms=None) for tool in ("Batched", "Completed", "Left")]
    transcript_call(roots.projects, "s", next(times), tool="Completed", call_id=ids[1])
    transcript_call(roots.projects, "s", next(times), tool="Unhooked")
    batch = [{"tool_name": "Batched", "tool_use_id": ids[0], "tool_response": "<tool_use_error>no</tool_use_error>"}]
    event(roots.logs, "s", "PostToolBatch", next(times), tool_calls=batch)
    event(roots.logs, "s", "Stop", next(times))
    call(roots.logs, "s", now, tool="Running", took_ms=None)
    summary, tools = details(roots.reader(now), "s")
    assert {tool["tool_name"]: tool["source"] for tool in tools} == {
        "Hooked": "hook",
        "Batched": "hook",
        "Completed": "transcript",
        "Left": "inferred",
        "Unhooked": "transcript",
        "Running": None,
    }
    call(roots.logs, "hooks only", now)
    transcript_call(roots.projects, "transcript only", now)
    witnesses = {one["session_uuid"]: one["witnesses"] for one in roots.reader(now).get_all_sessions()}
    assert witnesses == {
        "s": summary["witnesses"],
        "hooks only": ["hooks"],
        "transcript only": ["transcript"],
    }
    assert summary["witnesses"] == ["hooks", "transcript"]


def test_a_transcript_that_appears_later_belongs_to_the_session_of_its_hooks(roots: Roots, now: int) -> None:
    reader, tracker = roots.reader(now), LiveSessions(roots.logs, transcript_roots=[roots.projects])
    call_id = call(roots.logs, "s", now)
    event(roots.logs, "s", "PreToolUse", None, tool_name="Edit")  # has nothing by which a repetition is recognized
    assert reader.get_all_sessions()[0]["tool_count"] == 2
    tracker.refresh()
    transcript_call(roots.projects, "s", now, call_id=call_id)
    transcript_call(roots.projects, "s", now, agent_id="a1")
    assert reader.get_all_sessions()[0]["tool_count"] == 3
    tracker.refresh()
    (count,) = tracker.sessions()
    assert len(count.pairing.open) + count.session.calls == 3


def test_a_call_whose_end_is_provisional_is_shown_at_once_everywhere(roots: Roots, now: int) -> None:
    transcript_call(roots.projects, "s", now - SECOND_US, error="Exit code 1")
    transcript_call(roots.projects, "s", now, took_ms=None)
    listed, live = roots.reader(now).get_all_sessions(), roots.live(now)
    assert (listed[0]["tool_count"], listed[0]["error_count"], listed[0]["running"]) == (2, 1, 1)
    assert [priced(one, Amount()) for one in listed] == session_list(live.sessions(), None, live.labels({}), now)
    assert listed[0] == details(roots.reader(now), "s")[0]


def test_a_session_that_continues_in_another_project_is_one(roots: Roots, now: int) -> None:
    transcript_call(roots.projects, "s", now - MINUTE_US)
    (roots.projects / "-another").mkdir()
    shutil.move(transcript(roots.projects, "s"), roots.projects / "-another")
    transcript_call(roots.projects, "s", now)
    (listed,) = roots.reader(now).get_all_sessions()
    summary, tools = details(roots.reader(now), "s")
    assert (listed["tool_count"], len(tools)) == (2, 2)
    assert listed == summary


def test_a_fork_does_not_have_the_calls_that_were_copied_from_its_parent(roots: Roots, now: int) -> None:
    transcript_prompt(roots.projects, "parent", now - 9 * MINUTE_US)
    transcript_call(roots.projects, "parent", now - 9 * MINUTE_US)
    copied = transcript(roots.projects, "parent").read_text().replace('"sessionId":"parent"', '"sessionId":"fork"')
    append(transcript(roots.projects, "fork"), *copied.splitlines())
    transcript_call(roots.projects, "fork", now - 8 * MINUTE_US, tool="Read")
    reader = roots.reader(now)
    assert {one["session_uuid"]: one["tool_count"] for one in reader.get_all_sessions()} == {"parent": 1, "fork": 1}
    assert [tool["tool_name"] for tool in details(reader, "fork")[1]] == ["Read"]
    assert roots.live(now).calls.outcomes.total() == 2


def test_the_calls_of_a_sub_agent_end_with_the_process(roots: Roots, tmp_path: Path, now: int) -> None:
    transcript_call(roots.projects, "s", now - 9 * MINUTE_US)
    transcript_call(roots.projects, "s", now - 8 * MINUTE_US, agent_id="a1", took_ms=None)
    transcript_end(roots.projects, "s")
    reader = roots.reader(now)
    assert (reader.get_all_sessions()[0]["running"], details(reader, "s")[1][1]["outcome"]) == (0, "unknown")
    with open_ledger(tmp_path / "data", 200) as ledger:
        Meter([], ledger, clock=lambda: now, transcript_roots=[str(roots.projects)]).catch_up()
        assert ledger.state.sessions["s"].open_calls == 0


def test_only_transcripts_with_a_recent_write_are_read(roots: Roots, now: int) -> None:
    transcript_call(roots.projects, "now", now)
    transcript_call(roots.projects, "old", now)
    long_ago = now / 1e6 - 49 * 3600
    os.utime(transcript(roots.projects, "old"), (long_ago, long_ago))
    assert [session["session_uuid"] for session in roots.reader(now).get_all_sessions()] == ["now"]
    assert [count.session.session_id for count in roots.live(now).sessions()] == ["now"]
    summary, _ = details(roots.reader(now), "old")
    assert summary["tool_count"] == 1


def test_a_transcript_is_complete_as_soon_as_its_process_ends(roots: Roots, now: int) -> None:
    transcript_call(roots.projects, "s", now - 2 * MINUTE_US)
    reader = roots.reader(now)
    assert reader.get_all_sessions()[0]["status"] == "active"
    transcript_end(roots.projects, "s")
    assert reader.get_all_sessions()[0]["status"] == "completed"
    assert details(reader, "s")[0]["status"] == "completed"


def test_only_new_lines_of_a_transcript_are_read(roots: Roots, now: int) -> None:
    reader = roots.reader(now)
    for number in range(1, 4):
        transcript_call(roots.projects, "s", now)
        assert reader.get_all_sessions()[0]["tool_count"] == number
        assert len(details(reader, "s")[1]) == number


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/etc", "a\0b", "\ud800", "x" * 300], ids=ascii)
def test_a_hostile_name_leads_to_no_transcript(roots: Roots, name: str, now: int) -> None:
    for session in ("x", "a"):
        transcript_call(roots.projects, session, now)
    append(roots.projects / SLUG / "a" / "b.jsonl", transcript(roots.projects, "x").read_text())
    assert roots.reader(now).get_session_details(name) is None


def test_a_transcript_that_cannot_be_read_is_reported_and_the_others_are_listed(roots: Roots, now: int) -> None:
    transcript_call(roots.projects, "good", now)
    transcript(roots.projects, "bad").symlink_to("/proc/self/mem")  # opens, but cannot be read, even by root
    (roots.projects / "loop").symlink_to("loop")
    reader = roots.reader(now)
    assert [session["session_uuid"] for session in reader.get_all_sessions()] == ["good"]
    assert list(reader.unreadable) == [str(transcript(roots.projects, "bad"))]
    missing = HooksReader(roots.logs, transcript_roots=[roots.projects / "missing", roots.projects / "loop"])
    assert missing.get_all_sessions() == []
    assert list(missing.unreadable) == [str(roots.projects / "loop")]


def test_a_session_whose_transcript_has_no_times_has_that_of_its_file(roots: Roots, tmp_path: Path, now: int) -> None:
    transcript_call(roots.projects, "s", now)
    path, written_us = transcript(roots.projects, "s"), now - 20 * MINUTE_US
    path.write_text(re.sub(r'"timestamp":\s*"[^"]*",', "", path.read_text()))
    os.utime(path, ns=(written_us * 1000,) * 2)
    (listed,) = roots.reader(now).get_all_sessions()
    assert (listed["witnesses"], listed["tool_count"], listed["status"]) == (["transcript"], 1, "idle")
    assert listed["started_at"] == listed["last_activity_at"] == moment(written_us)
    assert details(roots.reader(now), "s")[0] == listed
    shown = ("idle", 1, 0, "shop", listed["last_activity_at"])
    assert [figures(count.session, now) for count in roots.live(now).sessions()] == [shown]
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([], ledger, clock=lambda: now, transcript_roots=[str(roots.projects)])
        meter.catch_up()
        assert [figures(session, now) for session in meter.recent_sessions()] == [shown]


def test_a_metric_counts_the_sessions_whose_cost_is_unknown(roots: Roots, tmp_path: Path, now: int) -> None:
    for session in ("both", "hooks 1", "hooks 2"):
        call(roots.logs, session, now)
    for session in ("both", "transcript"):
        transcript_call(roots.projects, session, now)
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([str(roots.logs)], ledger, clock=lambda: now, transcript_roots=[str(roots.projects)])
        meter.catch_up()
        page = samples_of(Pages(meter).page(TEXT).plain.decode())
    assert page[sample("claude_sessions_without_cost")] == 2
