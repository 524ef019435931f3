"""Sub-agents, and commands in the background, in the sessions of the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.hooks_reader import HooksReader
from tests.exporter.listed_sessions import listed
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, background, event, now_us
from tests.support.synthetic_transcripts import transcript_answer, transcript_call, transcript_prompt


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sessions").mkdir()
    return tmp_path / "sessions"


@pytest.mark.parametrize(
    ("minutes", "last", "shown"),
    [
        (10, "", ("active", 0, 1, 1)),
        (61, "", ("completed", 0, 0, 1)),
        (1, "SessionEnd", ("completed", 0, 0, 0)),
    ],
)
def test_a_summary_has_the_work_in_the_background(
    root: Path, now: int, minutes: int, last: str, shown: tuple[str, int, int, int]
) -> None:
    background(root, "s", now - minutes * MINUTE_US)
    if last:
        event(root, "s", last, now - MINUTE_US // 2)
    summary = listed(root)["s"]
    fields = (summary["status"], summary["running"], summary["running_agents"], summary["background_commands"])
    assert (fields, summary["tool_count"]) == (shown, 2)


def test_a_call_runs_while_its_command_is_in_the_background(root: Path, now: int) -> None:
    background(root, "s", now - HOUR_US)
    details = HooksReader(root).get_session_details("s")
    assert details
    assert {tool["tool_name"]: tool["outcome"] for tool in details["tools"]} == {"Agent": "success", "Bash": "running"}


@pytest.mark.parametrize("witness", ["hooks", "transcript"])
def test_a_call_shows_the_run_that_it_started(root: Path, tmp_path: Path, now: int, witness: str) -> None:
    at_us, projects = now - 5 * MINUTE_US, tmp_path / "projects"
    if witness == "hooks":
        background(root, "s", at_us)
    else:
        result = {"status": "async_launched", "agentId": "a1"}
        transcript_call(projects, "s", at_us, tool="Agent", call_id="toolu_Agent", toolUseResult=result)
        transcript_prompt(projects, "s", at_us + 10_000, agent_id="a1")
        transcript_call(projects, "s", at_us + 10_000, agent_id="a1")
    reader = HooksReader(root, transcript_roots=[projects])
    shown = {"agent_id": "a1", "agent": "Explore", "duration_ms": None, "outcome": "running"}
    assert subagents(reader) == {"Agent": shown}
    if witness == "hooks":
        event(root, "s", "StopFailure", at_us + 10_000 + MINUTE_US, agent_id="a1", agent_type="Explore")
    else:
        transcript_answer(projects, "s", at_us + 10_000 + MINUTE_US, agent_id="a1", isApiErrorMessage=True)
    assert subagents(reader) == {"Agent": {**shown, "duration_ms": 60_000, "outcome": "error"}}


def subagents(reader: HooksReader) -> dict[str, object]:
    """The runs that calls of the session started, by their tools."""
    details = reader.get_session_details("s")
    assert details
    return {tool["tool_name"]: tool["subagent"] for tool in details["tools"] if tool["subagent"]}


def test_a_call_ends_with_its_sub_agent_although_nothing_more_is_written(root: Path, tmp_path: Path, now: int) -> None:
    clock = [now]
    reader = HooksReader(root, clock=lambda: clock[0], transcript_roots=[tmp_path / "projects"])
    transcript_call(tmp_path / "projects", "s", now, took_ms=None, agent_id="a1")
    killed = "<task-notification><task-id>a1</task-id><status>killed</status></task-notification>"
    transcript_prompt(tmp_path / "projects", "s", now + SECOND_US, killed)
    for minutes, running in ((0, 1), (2, 0)):
        clock[0] = now + minutes * MINUTE_US
        assert [session["running"] for session in reader.get_all_sessions()] == [running]
