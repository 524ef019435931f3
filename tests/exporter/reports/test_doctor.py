"""Everything that keeps the numbers from being ready is found, with its remedy."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.ledger.opening import open_ledger
from exporter.prices.table import load_prices
from exporter.reports.checks.finding import Finding, Verdict
from exporter.reports.checks.ledger import check_ledger
from exporter.reports.checks.logs import check_logs
from tests.exporter.reports.examined_home import errors, examined
from tests.support.hookmeter_process import HOOKMETER, Home
from tests.support.permissions import unprivileged_user
from tests.support.synthetic_logs import append, call, now_us
from tests.support.synthetic_transcripts import line, transcript_call
from tests.support.transcript_lines import usage

(LIST_PRICES,) = load_prices().sources


@pytest.fixture
def closed() -> Iterator[str]:
    """An address that is taken, but at which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{sock.getsockname()[1]}"


def transcript_roots(home: Home) -> list[str]:
    return [str(home.path / directory / "projects") for directory in (".claude", ".config/claude")]


def test_a_complete_setup_has_no_errors(ready: Home) -> None:
    with ready.exporting() as exporter:
        code, found = examined(ready, exporter.address)
    assert code == 0
    assert found == [
        ("ok", "hooks", f"installed in {ready.settings}"),
        ("ok", "quotas", f"reported by the status line in {ready.settings}"),
        ("ok", "logs", f"1 session in {ready.sessions}"),
        ("ok", "transcripts", f"1 project in {', '.join(transcript_roots(ready))}"),
        ("ok", "sessions", "1 session in the last 24 hours, all with hooks, a transcript and a known cost"),
        ("ok", "prices", LIST_PRICES),
        (
            "info",
            "path",
            f"hookmeter is not on the PATH of every terminal; here it is {HOOKMETER}"
            " -> Write that instead of hookmeter, or add its directory to the PATH",
        ),
        ("ok", "ledger", f"{ready.data}/ledger.sqlite3 is intact"),
        ("ok", "exporter", f"{exporter.address} is ready"),
    ]


def test_sessions_without_hooks_a_transcript_or_a_known_cost_are_counted(ready: Home, closed: str) -> None:
    projects = ready.path / ".claude" / "projects"
    for number in range(3):
        transcript_call(projects, f"bare-{number}", now_us())
    for number in range(2):
        call(ready.sessions, f"not-persistent-{number}", now_us())
    call(ready.sessions, "unpriced", now_us())
    line(projects, "unpriced", now_us(), "assistant", {"id": "m", "model": "gpt-5", "usage": usage()})
    code, found = examined(ready, closed)
    ((verdict, message),) = [(verdict, message) for verdict, subject, message in found if subject == "sessions"]
    lacking = "7 sessions in the last 24 hours: 3 without hooks, 2 without a transcript, 3 without a known cost"
    assert (code, verdict, message.partition(" -> ")[0]) == (0, "info", lacking)


def test_before_the_first_run_there_is_no_error_but_something_to_do(ready: Home, closed: str) -> None:
    code, found = examined(ready, closed)
    assert code == 0
    *_, ledger, exporter = found
    assert ledger == ("ok", "ledger", f"none yet in {ready.data}; the first run creates it")
    assert exporter[:2] == ("info", "exporter")
    assert exporter[2].endswith("-> Run: hookmeter run")


def test_without_any_setup_it_shows_where_to_start(home: Home, closed: str) -> None:
    hooks, logs = errors(home, closed)
    assert hooks.endswith("-> Run: hookmeter hooks install")
    assert logs.startswith(f"none in {home.sessions}")
    _, found = examined(home, closed)
    infos = {subject: message for verdict, subject, message in found if verdict == "info"}
    assert infos["quotas"].endswith("-> With a subscription, run: hookmeter hooks install --statusline")
    assert infos["transcripts"].startswith(f"none in {', '.join(transcript_roots(home))}")


def test_hooks_that_were_just_installed_have_logged_nothing_and_that_is_no_error(home: Home, closed: str) -> None:
    assert home.run("hooks", "install").returncode == 0
    code, found = examined(home, closed)
    assert code == 0
    ((verdict, message),) = [(verdict, message) for verdict, subject, message in found if subject == "logs"]
    assert (verdict, message.partition(" -> ")[0]) == ("info", f"none in {home.sessions}")


def test_only_projects_that_have_a_transcript_are_counted(home: Home, closed: str) -> None:
    projects = home.path / ".claude" / "projects"
    (projects / "deleted" / "s").mkdir(parents=True)
    assert transcripts_found(home, closed).startswith(f"none in {projects}")
    transcript_call(projects, "s", now_us())
    assert transcripts_found(home, closed).startswith(f"1 project in {projects}")


def transcripts_found(home: Home, listen: str) -> str:
    (found,) = [message for _, subject, message in examined(home, listen)[1] if subject == "transcripts"]
    return found


def test_transcripts_suffice_without_hooks(home: Home, closed: str) -> None:
    transcript_call(home.path / ".claude" / "projects", "s", now_us())
    code, found = examined(home, closed)
    assert code == 0
    assert [(verdict, message.partition(" -> ")[2]) for verdict, subject, message in found if subject == "hooks"] == [
        ("info", "Run: hookmeter hooks install")
    ]
    assert [verdict for verdict, subject, _ in found if subject == "logs"] == ["info"]


def test_a_status_line_that_does_not_run_is_found(ready: Home, closed: str) -> None:
    ready.settings.write_text(ready.settings.read_text().replace("hookmeter_statusline.", "gone/hookmeter_statusline."))
    (found,) = errors(ready, closed)
    assert found.startswith(f"hookmeter's status line in {ready.settings} does not run -> Run again: ")


def test_the_users_own_prices_are_checked(ready: Home, closed: str) -> None:
    prices = append(ready.path / "prices.json", '{"models": {"glm": {"input": 1, "output": 2}}}')
    _, found = examined(ready, closed, "--prices", str(prices))
    assert ("ok", "prices", f"your own in {prices}; {LIST_PRICES}") in found
    prices.write_text("{")
    assert str(prices) in errors(ready, closed, "--prices", str(prices))[0]


def test_the_organizations_prices_are_checked(ready: Home, closed: str) -> None:
    file = append(ready.path / "managed-settings.json", '{"modelPricing": {"multiplier": 0.85}}')
    code, found = examined(ready, closed)
    assert code == 0
    assert ("ok", "prices", f"your organization's in {file}, all prices × 0.85; {LIST_PRICES}") in found
    file.write_text('{"modelPricing": {"multiplier": 85}}')
    (error,) = errors(ready, closed)
    assert error.startswith(f"{file}: modelPricing.multiplier is invalid")
    assert ("ok", "prices", LIST_PRICES) in examined(ready, closed)[1]


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_invalid_settings_are_found_in_every_file(ready: Home, closed: str, name: str) -> None:
    path = append(ready.path / "shop" / ".claude" / name, '{"model": "x",}')
    # In a project, its settings are checked too.
    result = ready.run("doctor", "--metrics-listen", closed, "--sessions-dir", ready.sessions, cwd=ready.path / "shop")
    assert result.returncode == 1
    assert f"{path} is not valid JSON" in result.stdout
    assert not re.search("error +logs", result.stdout)


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_disabled_hooks_are_found_also_in_a_file_without_the_recorder(ready: Home, closed: str, name: str) -> None:
    path = ready.path / ".claude" / name
    settings = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**settings, "disableAllHooks": True}))
    assert f"{path} sets disableAllHooks" in errors(ready, closed)[0]


def test_hooks_that_are_missing_or_broken_are_found(ready: Home, closed: str) -> None:
    whole = ready.settings.read_text()
    settings = json.loads(whole)
    del settings["hooks"]["Stop"]
    ready.settings.write_text(json.dumps(settings))
    assert errors(ready, closed)[0].startswith(
        f"{ready.settings} has no hook for Stop -> Run again: hookmeter hooks install"
    )
    ready.settings.write_text(whole.replace("hookmeter_recorder.", "gone/hookmeter_recorder."))
    assert "does not run" in errors(ready, closed)[0]


def test_hooks_that_write_to_a_directory_that_is_not_read_are_found(ready: Home, closed: str) -> None:
    assert (
        f"the hooks in {ready.settings} write to {ready.sessions}, which is not read"
        in (errors(ready, closed, "--sessions-dir", "elsewhere")[0])
    )


def test_events_that_are_recorded_twice_are_found(ready: Home, closed: str) -> None:
    local = ready.path / ".claude" / "settings.local.json"
    ready.run("hooks", "install", "--settings", local, "--sessions-dir", "more")
    words = ("--sessions-dir", str(ready.sessions), "--sessions-dir", "more")
    (twice,) = errors(ready, closed, *words)
    assert twice.startswith(f"every event is recorded twice: {ready.settings} writes to {ready.sessions}, {local} to")
    assert f"hookmeter hooks uninstall --settings {local}" in twice
    ready.run("hooks", "install", "--settings", local, "--move")  # the same command in both is run once
    assert examined(ready, closed, *words)[0] == 0


def test_every_error_is_reported_not_only_the_first(ready: Home, closed: str) -> None:
    append(ready.path / ".claude" / "settings.local.json", "{")
    ready.settings.write_text('{"disableAllHooks": true}')
    (ready.path / "data").write_text("")
    found = errors(ready, closed, "--sessions-dir", "none", "--transcripts-dir", "none", "--data-dir", "data/below")
    assert len(found) == 5


def test_unreadable_logs_are_found(home: Home) -> None:
    for session in "ab":
        call(home.sessions, session, now_us())
    for directory in (home.path, *home.path.parents):
        if not directory.stat().st_mode & 0o001:
            directory.chmod(0o755)
    (home.sessions / "a" / "pre_tool_use.jsonl").chmod(0)
    (home.sessions / "b").chmod(0)
    try:
        with unprivileged_user():
            finding = check_logs([str(home.sessions)], may_be_none=True)
    finally:
        (home.sessions / "b").chmod(0o755)
    assert finding.message.startswith("not readable: ")
    assert finding.message.endswith(", and 1 more")
    assert finding.remedy.startswith("As its owner, run: chmod u+rX")


def test_a_data_directory_that_cannot_be_created_is_found(ready: Home, closed: str) -> None:
    (ready.path / "file").write_text("")
    (error,) = errors(ready, closed, "--data-dir", "file/data")
    reason, remedy = f"{ready.path / 'file'} is not a directory", "Choose another directory with --data-dir"
    assert error == f"none yet in file/data, and {reason} -> {remedy}"


def test_a_corrupt_ledger_is_found(ready: Home, closed: str) -> None:
    ready.data.mkdir(exist_ok=True)
    (ready.data / "ledger.sqlite3").write_bytes(b"no database " * 1000)
    assert f"{ready.data}/ledger.sqlite3 is corrupt" in errors(ready, closed)[0]


def checked_by_another_user(data: Path) -> Finding:
    data.chmod(0o555)
    with unprivileged_user():
        finding = check_ledger(data)
    data.chmod(0o755)
    return finding


def test_a_ledger_is_checked_by_who_can_read_but_not_write_it() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # which others may enter
        data, path = Path(directory), Path(directory, "ledger.sqlite3")
        with open_ledger(data, 200):
            pass
        path.chmod(0o444)
        for log in ("", "-wal"):  # an exporter that was killed leaves an empty log
            path.with_name(path.name + log).touch()
            assert checked_by_another_user(data).verdict is Verdict.OK
        content = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(content[:8192] + b"\xa5" * 8192 + content[16384:])
        assert "is corrupt" in checked_by_another_user(data).message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have a file of another user")
def test_a_ledger_that_only_its_owner_can_read_is_no_error() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        with open_ledger(Path(directory), 200):
            pass
        finding = checked_by_another_user(Path(directory))
    assert finding.verdict is Verdict.INFO
    assert "belongs to another user, so it cannot be checked" in finding.message
    assert finding.remedy == "As its owner, run: hookmeter doctor"


def test_a_ledger_of_a_newer_version_is_found(ready: Home, closed: str) -> None:
    with open_ledger(ready.data, 200):
        pass
    connection = sqlite3.connect(ready.data / "ledger.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "was written by a newer version of hookmeter" in errors(ready, closed)[0]


def test_a_ledger_that_cannot_be_opened_is_found(ready: Home, closed: str) -> None:
    (ready.data / "ledger.sqlite3").mkdir(parents=True)
    assert "cannot be opened" in errors(ready, closed)[0]
