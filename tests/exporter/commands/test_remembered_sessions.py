"""`hookmeter sessions` from the ledger: what is remembered of sessions whose logs and transcripts are deleted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.model import clock
from exporter.model.clock import iso
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, append, call, event, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_prompt

DAY_US = 24 * HOUR_US
BOTH, ALONE, RECENT = (f"{digit * 8}-aaaa-4bbb-8ccc-00000000000{digit}" for digit in "123")


@pytest.fixture
def projects(home: Home) -> Path:
    return home.path / ".claude" / "projects"


@pytest.fixture
def lived_in(home: Home, projects: Path) -> Home:
    """Sessions of hooks and a transcript and of a transcript alone, both of last month, and one of an hour ago."""
    past = now_us() - 40 * DAY_US
    event(home.sessions, BOTH, "UserPromptSubmit", past, prompt="make tea")
    call(home.sessions, BOTH, past + SECOND_US, tool="Read")
    call(home.sessions, BOTH, past + 2 * SECOND_US, error="Exit code 1")
    transcript_prompt(projects, BOTH, past)
    transcript_call(projects, BOTH, past + 3 * SECOND_US)
    append(
        transcript(projects, BOTH),
        {"type": "ai-title", "aiTitle": "Make tea", "sessionId": BOTH},
        {"type": "custom-title", "customTitle": "Tea \x1b[1m", "sessionId": BOTH},
    )
    transcript_call(projects, ALONE, past + MINUTE_US, error="Exit code 1")
    transcript_call(projects, ALONE, past + MINUTE_US, agent_id="a1", tool="Grep")
    transcript_call(projects, RECENT, now_us() - HOUR_US)
    return home.with_variables(HOOKMETER_DATA_DIR=str(home.data))


def count(home: Home) -> None:
    with open_ledger(home.data, 200) as ledger:
        Meter([str(home.sessions)], ledger, transcript_roots=[str(home.path / ".claude" / "projects")]).catch_up()


def delete_all(home: Home) -> None:
    shutil.rmtree(home.sessions, ignore_errors=True)
    shutil.rmtree(home.path / ".claude", ignore_errors=True)


def listed(home: Home, *words: str) -> list[dict[str, Any]]:
    result = home.run("sessions", "--json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_sessions_are_listed_after_all_of_their_files_are_deleted(lived_in: Home) -> None:
    count(lived_in)
    before = listed(lived_in, "--since", "60d")
    assert [one["session_uuid"] for one in before] == [RECENT, ALONE, BOTH]
    assert all(one["files"] for one in before)
    delete_all(lived_in)
    assert listed(lived_in, "--since", "60d") == [{**one, "files": False} for one in before]
    assert [one["session_uuid"] for one in listed(lived_in)] == [RECENT]


def test_without_a_ledger_sessions_are_as_in_it_except_for_deleted_ones(lived_in: Home) -> None:
    before = listed(lived_in, "--since", "60d")
    count(lived_in)
    assert listed(lived_in, "--since", "60d") == before
    shutil.rmtree(lived_in.data)
    delete_all(lived_in)
    assert listed(lived_in, "--since", "60d") == []


def test_a_deleted_session_has_its_title_prompts_costs_and_calls_by_tool(lived_in: Home) -> None:
    count(lived_in)
    delete_all(lived_in)
    (record,) = (one for one in listed(lived_in, "--since", "60d") if one["session_uuid"] == BOTH)
    assert (record["project"], record["tool_count"], record["error_count"]) == ("shop", 3, 1)
    assert record["title"] == "Tea \x1b[1m"
    assert len(record["prompts"]) == 1
    assert record["cost_usd"] == pytest.approx(10 * 5e-6 + 50 * 25e-6)
    assert record["witnesses"] == ["hooks", "transcript"]
    assert record["config_dirs"] == [str(lived_in.path / ".claude")]
    assert record["calls"] == [
        {"tool": "Bash", "agent": "main", "outcome": "error", "calls": 1},
        {"tool": "Bash", "agent": "main", "outcome": "success", "calls": 1},
        {"tool": "Read", "agent": "main", "outcome": "success", "calls": 1},
    ]


def test_a_deleted_session_is_shown_by_the_start_of_its_id(lived_in: Home) -> None:
    count(lived_in)
    delete_all(lived_in)
    head, *lines = lived_in.run("sessions", BOTH[:8]).stdout.splitlines()
    assert head.startswith(f"{BOTH} · shop · completed · started ")
    assert [line.split(": ")[0] for line in lines[:3]] == ["title", "prompts", "configuration"]
    assert lines[3].startswith("Its logs and transcripts are deleted")
    assert [line.split() for line in lines[4:]] == [
        ["tool", "agent", "outcome", "calls"],
        ["Bash", "main", "error", "1"],
        ["Bash", "main", "success", "1"],
        ["Read", "main", "success", "1"],
    ]
    assert all(line.isprintable() for line in lines)
    shown = json.loads(lived_in.run("sessions", ALONE, "--json").stdout)
    assert (shown["tools"], shown["summary"]["tool_count"]) == ([], 2)


def test_lines_after_the_exporter_was_killed_are_added_in_memory(lived_in: Home, projects: Path) -> None:
    with lived_in.exporting() as exporter:
        assert [one["title"] for one in listed(lived_in, "--since", "60d")] == ["", "", "Tea \x1b[1m"]
        exporter.process.kill()
        exporter.process.wait()
    append(
        transcript(projects, RECENT),
        {"type": "ai-title", "aiTitle": "Recent", "sessionId": RECENT},
    )
    transcript_prompt(projects, RECENT, now_us())
    transcript_call(projects, RECENT, now_us(), tool="Grep")
    lines = listed(lived_in)
    assert [(one["title"], len(one["prompts"]), one["tool_count"]) for one in lines] == [("Recent", 1, 2)]
    count(lived_in)
    delete_all(lived_in)
    assert [{**one, "files": True} for one in listed(lived_in)] == lines


def test_reading_neither_waits_for_the_exporter_nor_hinders_it(lived_in: Home, projects: Path) -> None:
    with lived_in.exporting():
        writing = sqlite3.connect(lived_in.data / FILE_NAME, isolation_level=None)
        writing.execute("BEGIN IMMEDIATE")  # as the exporter does while it commits
        assert len(listed(lived_in, "--since", "60d")) == 3
        writing.execute("ROLLBACK")
        writing.close()


def test_a_ledger_of_another_version_costs_a_warning(lived_in: Home) -> None:
    count(lived_in)
    connection = sqlite3.connect(lived_in.data / FILE_NAME)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    result = lived_in.run("sessions", "--json")
    assert [one["session_uuid"] for one in json.loads(result.stdout)] == [RECENT]
    assert "Sessions whose files are deleted are missing here" in result.stderr


def test_times_of_prompts_are_those_of_hooks(lived_in: Home) -> None:
    at_us = now_us() - 2 * HOUR_US
    event(lived_in.sessions, RECENT, "UserPromptSubmit", at_us, prompt="more tea")
    assert [one["prompts"] for one in listed(lived_in)] == [[clock.iso(at_us)]]


@pytest.mark.parametrize("is_counted", [False, True])
def test_a_prompt_whose_line_has_no_time_has_that_of_its_file(home: Home, projects: Path, *, is_counted: bool) -> None:
    prompt = {
        "type": "user",
        "message": {"role": "user", "content": "make tea"},
        "sessionId": ALONE,
        "cwd": "/home/dev/shop",
    }
    append(transcript(projects, ALONE), prompt)
    written_us = transcript(projects, ALONE).stat().st_mtime_ns // 1000
    if is_counted:
        count(home)
    (one,) = listed(home)
    assert one["prompts"] == [iso(written_us)]
