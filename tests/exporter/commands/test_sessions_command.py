"""`hookmeter sessions`: in a terminal, in a pipe, and as JSON."""

from __future__ import annotations

import json
import subprocess

import pytest

from exporter.hooks_reader import HooksReader
from exporter.model.money import Amount
from exporter.views.sessions import priced
from tests.support.hookmeter_process import HOOKMETER, TIMEOUT_SECONDS, Home
from tests.support.synthetic_logs import HOUR_US, SECOND_US, append, background, call, event, now_us
from tests.support.synthetic_transcripts import transcript_call
from tests.support.terminals import in_terminal

UUIDS = ("11111111-aaaa-4bbb-8ccc-000000000001", "11111111-dddd-4bbb-8ccc-000000000002")
ERROR = "Exit code 1: " + "the tests of the shop have failed " * 9


@pytest.fixture
def lived_in(home: Home) -> Home:
    now = now_us()
    event(home.sessions, UUIDS[0], "SessionStart", now - HOUR_US // 2, project_dir="/home/you/web-shop-of-a-long-name")
    call(home.sessions, UUIDS[0], now - HOUR_US // 2, tool="mcp__tracker__search_issues", agent_id="a", agent_type="X")
    call(home.sessions, UUIDS[0], now - 20 * SECOND_US, error=ERROR)
    call(home.sessions, UUIDS[0], now - 10 * SECOND_US, took_ms=None)
    call(home.sessions, UUIDS[1], now - 5 * HOUR_US, took_ms=754_000)
    return home


def test_the_list_is_that_of_the_reader(lived_in: Home) -> None:
    listed = json.loads(lived_in.run("sessions", "--json").stdout)
    expected = [priced(session, Amount()) for session in HooksReader(lived_in.sessions).get_all_sessions()]
    assert [{key: one[key] for key in expected[0]} for one in listed] == expected
    assert [session["session_uuid"] for session in listed] == list(UUIDS)


def test_a_session_is_that_of_the_reader(lived_in: Home) -> None:
    shown = json.loads(lived_in.run("sessions", UUIDS[0], "--json").stdout)
    found = HooksReader(lived_in.sessions).get_session_details(UUIDS[0])
    assert found
    assert shown["tools"] == found["tools"]
    assert shown["summary"].items() >= priced(found["summary"], Amount()).items()


def test_the_cost_of_a_session_is_that_of_the_cost_report_or_unknown(lived_in: Home) -> None:
    projects = lived_in.path / ".claude" / "projects"
    for _ in range(2):
        transcript_call(projects, UUIDS[1], now_us() - HOUR_US)
    transcript_call(projects, "another", now_us() - 2 * HOUR_US)
    report = json.loads(lived_in.run("cost", "--by", "session", "--json").stdout)
    costs = {row["session"]: row["cost_usd"] for row in report["rows"]}
    listed = {one["session_uuid"]: one["cost_usd"] for one in json.loads(lived_in.run("sessions", "--json").stdout)}
    assert listed == {**costs, UUIDS[0]: None}
    cells = {line.split()[0]: line.split()[-1] for line in lived_in.run("sessions").stdout.splitlines()[1:]}
    assert cells == {UUIDS[0]: "unknown", UUIDS[1]: f"${costs[UUIDS[1]]:.4f}", "another": f"${costs['another']:.4f}"}
    assert lived_in.run("sessions", UUIDS[0]).stdout.splitlines()[0].endswith(" · cost unknown")


def test_a_pipe_gets_a_line_per_row_neither_truncated_nor_padded(lived_in: Home) -> None:
    head, first, second = lived_in.run("sessions").stdout.splitlines()
    columns = "session project status last line calls failed running duration cost"
    assert head.split() == columns.split()
    assert first.split()[:3] == [UUIDS[0], "web-shop-of-a-long-name", "active"]
    assert second.split()[-5:] == ["12", "min", "34", "s", "unknown"]
    _, _, *calls = lived_in.run("sessions", UUIDS[0]).stdout.splitlines()
    assert "mcp__tracker__search_issues" in calls[0].split()
    assert calls[1].endswith(f"command_failed: {ERROR.strip()}")
    assert calls[2].endswith("  make")
    assert not any(line.endswith(" ") for line in (head, first, second, *calls))


def test_what_runs_in_the_background_has_columns_and_words_of_its_own(lived_in: Home) -> None:
    background(lived_in.sessions, "busy", now_us() - SECOND_US)
    head, busy, *_ = lived_in.run("sessions").stdout.splitlines()
    assert head.split()[5:-2] == ["calls", "failed", "running", "sub-agents", "background"]
    assert busy.split()[4:9] == ["2", "–", "–", "1", "1"]
    assert "2 calls, 1 in the background, 1 sub-agent running" in lived_in.run("sessions", "busy").stdout


@pytest.mark.parametrize("columns", [80, 160])
def test_rows_fit_the_terminal(lived_in: Home, columns: int) -> None:
    listed = in_terminal(lived_in, columns, "sessions")
    assert len(listed) == 3
    calls = in_terminal(lived_in, columns, "sessions", UUIDS[0])
    assert len(calls) == 5
    assert max(map(len, listed + calls[1:])) <= columns
    assert "command_failed: Exit" in calls[3]
    assert listed[1].startswith(UUIDS[0] if columns == 160 else UUIDS[0][:10])


def test_the_start_of_a_uuid_is_enough_if_it_is_unique(lived_in: Home) -> None:
    whole = lived_in.run("sessions", UUIDS[1]).stdout
    assert whole
    assert lived_in.run("sessions", UUIDS[1][:10]).stdout == whole
    result = lived_in.run("sessions", UUIDS[1][:8])
    assert (result.returncode, result.stdout) == (1, "")
    assert "2 sessions start with" in result.stderr


def test_the_start_of_a_uuid_finds_a_session_of_any_age_without_a_ledger(home: Home) -> None:
    call(home.sessions, UUIDS[0], now_us() - 200 * HOUR_US)
    assert home.run("sessions", UUIDS[0][:8]).stdout.startswith(UUIDS[0])
    assert home.run("sessions", "2222").returncode == 1


@pytest.mark.parametrize("name", ["no-such", "", "..", "../../etc", "/etc", "a\nb"], ids=ascii)
def test_an_unknown_session_is_one_line_and_exit_code_1(lived_in: Home, name: str) -> None:
    result = lived_in.run("sessions", "--", name)
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)


def test_without_sessions_it_reports_where_it_searched(home: Home) -> None:
    result = home.run("sessions")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"No sessions in the last 24 hours in {home.sessions}")
    assert home.run("sessions", "--json").stdout == "[]\n"


def test_unreadable_files_are_reported_after_the_list(lived_in: Home) -> None:
    append(lived_in.sessions / "bad" / "pre_tool_use.jsonl", "{}")
    (lived_in.sessions / "bad" / "events.jsonl").symlink_to("/proc/self/mem")
    result = lived_in.run("sessions")
    assert len(result.stdout.splitlines()) == 3
    (warning,) = result.stderr.splitlines()
    assert "cannot be read" in warning


@pytest.mark.parametrize("command", ["sessions", "digest", "cost", "quota"])
def test_a_transcript_that_cannot_be_read_is_reported_once(lived_in: Home, command: str) -> None:
    bad = lived_in.path / ".claude" / "projects" / "-home-you-bad" / "bad.jsonl"
    bad.parent.mkdir(parents=True)
    bad.symlink_to("/proc/self/mem")  # opens, but cannot be read, even by root
    (warning,) = lived_in.run(command).stderr.splitlines()
    assert f"{bad} cannot be read (Input/output error); its " in warning


def test_a_closed_pipe_causes_no_traceback(home: Home) -> None:
    for number in range(300):
        call(home.sessions, f"{number}" * 40, now_us())
    for words in (("sessions",), ("sessions", "--json")):
        result = subprocess.run(
            ["/bin/sh", "-c", '"$@" | head -1', "sh", HOOKMETER, *words],
            cwd=home.path, env=home.environment(), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True,
        )  # fmt: skip
        assert (len(result.stdout.splitlines()), result.stderr) == (1, "")


def test_control_characters_in_a_log_are_not_sent_to_the_terminal(home: Home) -> None:
    call(home.sessions, "s", now_us(), tool="\x1b[2J\x07[bold]evil", error="\x1b]0;title\x07 boom")
    shown = home.run("sessions", "s").stdout + "".join(in_terminal(home, 120, "sessions", "s"))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[bold]evil" in shown
