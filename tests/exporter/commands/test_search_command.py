"""`hookmeter search` and `hookmeter forget`."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from exporter.commands.search import search
from exporter.ingest.meter import Meter
from exporter.ledger.file_names import FILE_NAME as LEDGER
from exporter.ledger.opening import open_ledger
from exporter.search.index_file import FILE_NAME
from tests.support.hookmeter_process import Home
from tests.support.permissions import unprivileged_user
from tests.support.synthetic_logs import HOUR_US, append, call, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_prompt

SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"


@pytest.fixture
def busy(home: Home, projects: Path) -> Home:
    """A session with a title, a prompt and a failed command, and one of last month; a ledger has counted them."""
    transcript_prompt(projects, SESSION, now_us() - HOUR_US, "Deploy the shop \x1b]0;x\x07 please")
    transcript_call(
        projects, SESSION, now_us() - HOUR_US + 1, tool_input={"command": "make deploy"}, error="deploy broke"
    )
    append(transcript(projects, SESSION), {"type": "ai-title", "aiTitle": "Deploying", "sessionId": SESSION})
    transcript_prompt(projects, "older", now_us() - 24 * 30 * HOUR_US, "deploy it")
    call(home.sessions, "lone", now_us(), tool_input={"command": "deploy alone"}, cwd="/srv/tools")
    with open_ledger(home.data, 200) as ledger:
        Meter([str(home.sessions)], ledger, transcript_roots=[str(projects)]).catch_up()
    return home


def found(home: Home, *words: str) -> list[str]:
    """The kinds and sessions of the results."""
    page = json.loads(home.run("search", *words, "--json").stdout)
    return sorted(f"{result['kind']} {result['session_uuid'][:5]}" for result in page["results"])


def test_words_are_found_with_where_they_are(busy: Home) -> None:
    result = busy.run("search", "deploy", "shop")
    first, excerpt, number = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (0, "")
    assert f"{SESSION}  shop  prompt  Deploying" in first
    assert excerpt == "    Deploy the shop  please"
    assert number == "1 result."


def test_options_limit_what_is_found(busy: Home) -> None:
    assert found(busy, "deploy") == ["command 0f63e", "command lone", "error 0f63e", "prompt 0f63e", "prompt older"]
    assert found(busy, "deploy", "--since", "7d", "--project", "shop") == [
        "command 0f63e",
        "error 0f63e",
        "prompt 0f63e",
    ]
    assert found(busy, "deploy", "--kind", "prompt", "--session", "0f63") == ["prompt 0f63e"]
    assert found(busy, "--tool", "bash", "project:tools") == ["command lone"]
    assert found(busy, "make deploy") == found(busy, "make", "deploy") == ["command 0f63e"]
    assert found(busy, '"deploy make"') == []
    assert "1 of 5 results; use --limit" in busy.run("search", "deploy", "--limit", "1").stdout


def test_what_is_new_is_found_at_once_and_what_is_deleted_is_not(busy: Home, projects: Path) -> None:
    assert found(busy, "again") == []
    transcript_prompt(projects, SESSION, now_us(), "once again")
    assert found(busy, "again") == ["prompt 0f63e"]
    transcript(projects, SESSION).unlink()
    assert found(busy, "again") == []


def test_invalid_words_are_one_line(home: Home) -> None:
    assert "there is nothing to search for" in home.refused("search")
    assert "invalid kind 'x'; use prompt, command" in home.refused("search", "kind:x")
    assert "invalid time" in home.refused("search", "x", "--since", "yesterday")
    assert not (home.data).exists()


def test_where_nothing_is_kept_the_index_is_temporary(home: Home, projects: Path, tmp_path: Path) -> None:
    transcript_prompt(projects, SESSION, now_us(), "make tea")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    result = home.with_variables(TMPDIR=str(temporary)).run("search", "tea")
    assert "1 result." in result.stdout
    assert "all is read for this search alone; `hookmeter run` keeps one" in result.stderr
    assert not (home.data).exists()
    assert list(temporary.iterdir()) == []
    assert home.run("search", "tea", "--data-dir", home.path / "mine").stderr == ""
    assert (home.path / "mine" / FILE_NAME).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="another user owns the index")
def test_who_cannot_update_the_index_learns_that_and_what_is_found() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # which others may enter
        home = Home(Path(directory))
        projects = home.path / ".claude" / "projects"
        places = ("--data-dir", directory, "--transcripts-dir", str(projects), "--sessions-dir", directory)
        transcript_prompt(projects, SESSION, now_us(), "Deploy the shop")
        assert home.run("search", "deploy", *places).stdout.endswith("1 result.\n")
        for file in home.path.glob(f"{FILE_NAME}*"):
            file.chmod(0o444)
        home.path.chmod(0o555)
        with unprivileged_user():  # in this process, as that user may not start this Python
            result = CliRunner().invoke(search, ["deploy", *places])
        home.path.chmod(0o755)
    (warning,) = result.stderr.splitlines()
    assert warning.startswith(f"hookmeter: {home.path / FILE_NAME} cannot be updated (")
    assert warning.endswith("); what is newer than its last update is missing here")
    assert result.stdout.endswith("1 result.\n")


def test_search_can_be_switched_off(busy: Home) -> None:
    result = busy.with_variables(HOOKMETER_NO_SEARCH="1").run("search", "deploy")
    assert (result.returncode, "switched off" in result.stderr) == (1, True)
    assert not (busy.data / FILE_NAME).exists()


def test_a_damaged_index_is_built_again_at_once(busy: Home) -> None:
    found(busy, "deploy")
    (busy.data / FILE_NAME).write_bytes(b"damaged" * 1000)
    assert len(found(busy, "deploy")) == 5


def titles(home: Home) -> list[tuple[str]]:
    with sqlite3.connect(home.data / LEDGER) as ledger:
        return ledger.execute("SELECT title FROM session_titles").fetchall()


def counters(home: Home) -> list[tuple[str, str, int]]:
    with sqlite3.connect(home.data / LEDGER) as ledger:
        return ledger.execute("SELECT name, labels, value FROM counters ORDER BY 1, 2").fetchall()


def test_a_session_is_forgotten_but_its_numbers_stay(busy: Home, projects: Path) -> None:
    found(busy, "deploy")
    before, listed = counters(busy), json.loads(busy.run("sessions", "0f63", "--json").stdout)["summary"]
    assert titles(busy) == [("Deploying",)]
    result = busy.run("forget", "0f63ea", "--yes")
    assert result.returncode == 0, result.stderr
    assert f"Removed 3 texts and 1 title of session {SESSION}." in result.stdout
    assert f"  {transcript(projects, SESSION)}" in result.stdout.splitlines()
    assert found(busy, "deploy") == ["command lone", "prompt older"]
    assert (titles(busy), counters(busy)) == ([], before)
    assert not any(
        text in file.read_bytes() for text in (b"Deploy", b"the shop") for file in (busy.data).glob(f"{LEDGER}*")
    )
    summary = json.loads(busy.run("sessions", "0f63", "--json").stdout)["summary"]
    assert (summary["cost_usd"], summary["tool_count"]) == (listed["cost_usd"], listed["tool_count"])


def test_a_session_is_forgotten_while_an_exporter_runs(busy: Home) -> None:
    with busy.exporting("--no-search"):
        found(busy, "deploy")
        assert busy.run("forget", SESSION, "--yes").returncode == 0
    assert titles(busy) == []
    assert found(busy, "deploy") == ["command lone", "prompt older"]


def test_a_project_is_forgotten(busy: Home) -> None:
    found(busy, "deploy")
    assert "of 2 sessions of project shop." in busy.run("forget", "shop", "--yes").stdout
    assert found(busy, "deploy") == ["command lone"]


def test_copies_that_still_have_what_is_forgotten_are_listed(busy: Home) -> None:
    assert busy.run("backup", "archive.tar.gz").returncode == 0
    assert "set aside" in busy.run("restore", "archive.tar.gz").stdout
    copies = sorted(busy.data.glob("ledger.sqlite3.before-restore-*"))
    assert copies
    listed = busy.run("forget", SESSION, "--yes").stdout.partition("Copies that were set aside may still have it")[2]
    assert [line.strip() for line in listed.splitlines()[1:]] == [str(path) for path in copies]


def test_what_is_forgotten_is_confirmed(busy: Home) -> None:
    found(busy, "deploy")
    result = busy.run("forget", SESSION)
    assert (result.returncode, "confirm it with --yes" in result.stderr) == (1, True)
    assert len(found(busy, "deploy")) == 5


@pytest.mark.parametrize(
    ("name", "problem"), [("ffff", "no session or project 'ffff'"), ("", "no session"), ("0", "too short")]
)
def test_what_is_unknown_or_ambiguous_is_not_forgotten(busy: Home, name: str, problem: str) -> None:
    found(busy, "deploy")
    result = busy.run("forget", name, "--yes")
    assert (result.returncode, problem in result.stderr) == (1, True), result.stderr
    assert len(found(busy, "deploy")) == 5
