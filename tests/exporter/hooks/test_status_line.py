"""The status line records the quotas, and an existing one still runs."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exporter.hooks import status_line
from exporter.hooks.installer import Change, install, status, uninstall
from exporter.hooks.settings_path import SettingsError
from tests.support.not_regular import NOT_REGULAR

OWN = {"type": "command", "command": "cat; umask; printf 'it'\"'s\" >&2; exit 3", "padding": 0, "refreshInterval": 5}
SOON = int(time.time()) + 3600


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    return tmp_path / "it's the logs"


@pytest.fixture
def line(path: Path, sessions: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Installs the status line into the settings, and runs it as Claude Code does."""

    def run(payload: object, **settings: object) -> subprocess.CompletedProcess[bytes]:
        if not path.exists():
            path.write_text(json.dumps(settings))
            install(path, sessions, path)
        return run_command(json.loads(path.read_text())["statusLine"]["command"], payload)

    return run


Line = Callable[..., subprocess.CompletedProcess[bytes]]


def run_command(command: str, payload: object) -> subprocess.CompletedProcess[bytes]:
    given = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return subprocess.run(["/bin/sh", "-c", command], input=given, capture_output=True, check=False, timeout=60)


def payload(session: str = "a", **used: float) -> dict[str, Any]:
    """The JSON that Claude Code passes to a status line."""
    limits = {window: {"used_percentage": percentage, "resets_at": SOON} for window, percentage in used.items()}
    return {"session_id": session, "model": {"id": "x"}, **({"rate_limits": limits} if limits else {})}


def stored(sessions: Path) -> dict[str, float]:
    windows = json.loads((sessions / "rate_limits.json").read_text())["windows"]
    return {name: figures["used_percentage"] for name, figures in windows.items()}


def test_quotas_are_stored_and_shown(line: Line, sessions: Path) -> None:
    before = time.time()
    shown = line(payload(five_hour=42, seven_day=12.6))
    assert (shown.stdout.decode(), shown.stderr, shown.returncode) == ("5h 42% · 7d 13%\n", b"", 0)
    windows = json.loads((sessions / "rate_limits.json").read_text())["windows"]
    assert before <= windows["five_hour"].pop("seen_at") <= time.time()
    assert windows["five_hour"] == {"used_percentage": 42, "resets_at": SOON}
    assert stored(sessions) == {"five_hour": 42, "seven_day": 12.6}
    assert {oct(file.stat().st_mode & 0o777) for file in sessions.iterdir()} == {"0o600"}
    assert oct(sessions.stat().st_mode & 0o777) == "0o700"


def test_values_that_a_session_repeats_do_not_overwrite_those_of_another(line: Line, sessions: Path) -> None:
    line(payload("a", five_hour=10))
    line(payload("b", five_hour=11))
    line(payload("a", five_hour=10))
    assert stored(sessions) == {"five_hour": 11}
    line(payload("a", five_hour=3))  # a larger plan
    assert stored(sessions) == {"five_hour": 3}


def test_a_window_that_is_not_reported_is_kept(line: Line, sessions: Path) -> None:
    line(payload(five_hour=10, seven_day=20))
    line(payload())
    line(payload(five_hour=30))
    assert stored(sessions) == {"five_hour": 30, "seven_day": 20}


def test_an_invalid_window_costs_only_itself(line: Line, sessions: Path) -> None:
    mixed = payload(five_hour=10, seven_day=20)
    mixed["rate_limits"]["five_hour"]["resets_at"] = 1e308
    assert line(mixed).stdout == b"7d 20%\n"
    assert stored(sessions) == {"seven_day": 20}


@pytest.mark.parametrize(
    "damaged", ["", "[]", "[" * 100_000, '{"windows": [], "sessions": {"a": 3}}', '{"windows": 3}']
)
def test_a_damaged_file_is_replaced(line: Line, sessions: Path, damaged: str) -> None:
    line(payload(five_hour=10))
    (sessions / "rate_limits.json").write_text(damaged)
    line(payload(five_hour=11))
    assert stored(sessions) == {"five_hour": 11}


def test_simultaneous_sessions_are_all_stored(line: Line, path: Path, sessions: Path) -> None:
    line(payload())
    command = json.loads(path.read_text())["statusLine"]["command"]
    running = [
        subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for _ in range(20)
    ]
    for number, process in enumerate(running):
        process.communicate(json.dumps(payload(str(number), five_hour=number)).encode(), timeout=60)
    assert set(json.loads((sessions / "rate_limits.json").read_text())["sessions"]) == set(map(str, range(20)))


@pytest.mark.parametrize(
    "given",
    [
        b"", b"no JSON", b"[]", b"{}", b'{"rate_limits": {"five_hour": 3}, "session_id": "a"}',
        b'{"session_id": "a", "rate_limits": {"five_hour": {"used_percentage": "much", "resets_at": 1}}}',
    ],
)  # fmt: skip
def test_an_invalid_payload_changes_nothing(line: Line, sessions: Path, given: bytes) -> None:
    shown = line(given)
    assert (shown.stdout, shown.stderr, shown.returncode) == (b"\n", b"", 0)
    assert not (sessions / "rate_limits.json").exists()


@pytest.mark.parametrize("given", [payload(five_hour=42), payload(), b"no JSON", b"x" * 1_000_000])
def test_the_users_own_status_line_has_the_same_output(line: Line, given: object) -> None:
    ours, alone = line(given, statusLine=OWN), run_command(str(OWN["command"]), given)
    assert (ours.stdout, ours.stderr, ours.returncode) == (alone.stdout, alone.stderr, alone.returncode)
    assert (ours.stderr, ours.returncode) == (b"it's", 3)


@pytest.mark.parametrize(
    "command", ["true", "exec sh -c 'kill -TERM $$'", "yes | head -n 1", "echo $0 $#; trap; umask"]
)
def test_the_users_own_status_line_has_the_same_exit_code(line: Line, command: str) -> None:
    given = b"x" * 1_000_000  # more than it reads
    ours, alone = line(given, statusLine={**OWN, "command": command}), run_command(command, given)
    assert (ours.stdout, ours.returncode) == (alone.stdout, alone.returncode)


def test_the_users_own_status_line_runs_if_the_directory_cannot_be_written(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path.write_text(json.dumps({"statusLine": {**OWN, "command": "echo mine"}}))
    install(path, tmp_path / "file", path)
    command = json.loads(path.read_text())["statusLine"]["command"]
    assert run_command(command, payload(five_hour=1)).stdout == b"mine\n"


@pytest.mark.parametrize("gone", [sys.executable, str(status_line.SCRIPT)])
def test_the_users_own_status_line_runs_if_hookmeter_is_gone(line: Line, path: Path, gone: str) -> None:
    line(payload(), statusLine={**OWN, "command": "echo mine"})
    command = json.loads(path.read_text())["statusLine"]["command"].replace(gone, "/gone")
    assert run_command(command, payload()).stdout == b"mine\n"


def test_nothing_is_shown_if_hookmeter_is_gone_and_the_user_has_no_status_line(line: Line, path: Path) -> None:
    line(payload())
    command = json.loads(path.read_text())["statusLine"]["command"].replace(os.path.realpath(sys.executable), "/gone")
    assert run_command(command, payload()).stdout == b""


@pytest.mark.parametrize("settings", [{"env": {}}, {"statusLine": OWN}, {"model": "x", "statusLine": OWN, "env": {}}])
def test_the_previous_settings_are_restored_exactly(path: Path, sessions: Path, settings: dict[str, object]) -> None:
    path.write_text(before := json.dumps(settings, indent=4))
    assert install(path, sessions, path).status_line == "added"
    assert install(path, sessions, path).unchanged
    assert install(path, sessions).unchanged
    assert install(path, sessions.with_name("elsewhere")).status_line == "updated"
    assert uninstall(path).status_line == "removed"
    assert path.read_text() == before


def test_the_status_line_is_unchanged_unless_requested(path: Path, sessions: Path) -> None:
    path.write_text(json.dumps({"statusLine": OWN}))
    assert install(path, sessions).status_line == ""
    assert json.loads(path.read_text())["statusLine"] == OWN
    assert status(path).status_line_dir is None


def test_other_settings_of_the_status_line_are_kept(line: Line, path: Path) -> None:
    line(payload(), statusLine=OWN)
    assert {**json.loads(path.read_text())["statusLine"], "command": OWN["command"]} == OWN


def test_status_reports_whether_it_works(line: Line, path: Path, sessions: Path) -> None:
    line(payload())
    found = status(path)
    assert (found.status_line_dir, found.status_line_problem) == (sessions, "")
    path.write_text(path.read_text().replace("hookmeter_statusline.", "gone/hookmeter_statusline."))
    assert status(path).status_line_problem == "does not run"


def test_a_project_may_not_hide_the_status_line_that_a_user_has(path: Path, sessions: Path, tmp_path: Path) -> None:
    path.write_text(json.dumps({"statusLine": OWN}))
    project = tmp_path / "project.json"
    with pytest.raises(SettingsError, match="would hide"):
        install(project, sessions, path)
    assert not project.exists()
    project.write_text(json.dumps({"statusLine": {**OWN, "command": "echo project"}}))
    assert install(project, sessions, path).status_line == "added"  # it was hidden before


@pytest.mark.parametrize(
    "line", ["text", {"type": "command"}, {"command": 3}, {"command": "python hookmeter_statusline.py"}]
)
def test_an_unknown_form_is_refused_and_left_unchanged(path: Path, sessions: Path, line: object) -> None:
    path.write_text(before := json.dumps({"statusLine": line}))
    with pytest.raises(SettingsError, match="statusLine"):
        install(path, sessions, path)
    with pytest.raises(SettingsError, match="statusLine"):
        uninstall(path)
    assert path.read_text() == before


def test_an_unchanged_status_line_is_reported_as_no_change(path: Path) -> None:
    assert uninstall(path) == Change(path)


def test_a_status_line_waits_a_second_at_most_for_the_lock_and_stores_the_repetition(
    line: Line, sessions: Path
) -> None:
    line(payload("a", five_hour=10))
    with (sessions / ".rate_limits.json.lock").open() as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        assert line(payload("a", five_hour=20)).stdout == b"5h 20%\n"
        assert stored(sessions) == {"five_hour": 10}
    line(payload("a", five_hour=20))
    assert stored(sessions) == {"five_hour": 20}


@pytest.mark.parametrize("kind", ["pipe", "socket", "endless device"])
@pytest.mark.parametrize("name", ["rate_limits.json", "rate_limits.json.new", ".rate_limits.json.lock"])
def test_a_status_line_is_shown_whatever_is_in_the_place_of_its_files(
    line: Line, sessions: Path, name: str, kind: str
) -> None:
    sessions.mkdir()
    NOT_REGULAR[kind](sessions / name)
    assert line(payload("a", five_hour=10)).stdout == b"5h 10%\n"
