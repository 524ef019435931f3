"""The status line feeds the quotas, and whoever had one sees it as before."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exporter.hooks import status_line
from exporter.hooks.installer import Change, install, status, uninstall
from exporter.hooks.settings_file import SettingsError

OWN = {"type": "command", "command": "cat; printf 'it'\"'s\" >&2; exit 3", "padding": 0, "refreshInterval": 5}
SOON = int(time.time()) + 3600
Said = dict[str, dict[str, float]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    return tmp_path / "it's the logs"


@pytest.fixture
def line(path: Path, sessions: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Installs the status line beside what the settings hold, and runs it as Claude Code does."""

    def run(told: object, **settings: object) -> subprocess.CompletedProcess[bytes]:
        if not path.exists():
            path.write_text(json.dumps(settings))
            install(path, sessions, path)
        return run_command(json.loads(path.read_text())["statusLine"]["command"], told)

    return run


Line = Callable[..., subprocess.CompletedProcess[bytes]]


def run_command(command: str, told: object) -> subprocess.CompletedProcess[bytes]:
    given = told if isinstance(told, bytes) else json.dumps(told).encode()
    return subprocess.run(["/bin/sh", "-c", command], input=given, capture_output=True, check=False, timeout=30)


def told(session: str = "a", **used: float) -> dict[str, Any]:
    """What Claude Code tells a status line."""
    limits = {window: {"used_percentage": percentage, "resets_at": SOON} for window, percentage in used.items()}
    return {"session_id": session, "model": {"id": "x"}, **({"rate_limits": limits} if limits else {})}


def kept(sessions: Path) -> dict[str, float]:
    windows = json.loads((sessions / "rate_limits.json").read_text())["windows"]
    return {name: figures["used_percentage"] for name, figures in windows.items()}


def test_what_is_told_of_the_quotas_is_kept_and_shown(line: Line, sessions: Path) -> None:
    before = time.time()
    shown = line(told(five_hour=42, seven_day=12.6))
    assert (shown.stdout.decode(), shown.stderr, shown.returncode) == ("5h 42% · 7d 13%\n", b"", 0)
    windows = json.loads((sessions / "rate_limits.json").read_text())["windows"]
    assert before <= windows["five_hour"].pop("seen_at") <= time.time()
    assert windows["five_hour"] == {"used_percentage": 42, "resets_at": SOON}
    assert kept(sessions) == {"five_hour": 42, "seven_day": 12.6}
    assert {oct(file.stat().st_mode & 0o777) for file in sessions.iterdir()} == {"0o600"}
    assert oct(sessions.stat().st_mode & 0o777) == "0o700"


def test_what_one_session_repeats_is_no_news_of_another(line: Line, sessions: Path) -> None:
    line(told("a", five_hour=10))
    line(told("b", five_hour=11))
    line(told("a", five_hour=10))
    assert kept(sessions) == {"five_hour": 11}
    line(told("a", five_hour=3))  # a plan with more in it
    assert kept(sessions) == {"five_hour": 3}


def test_a_window_that_is_not_told_of_stays(line: Line, sessions: Path) -> None:
    line(told(five_hour=10, seven_day=20))
    line(told())
    line(told(five_hour=30))
    assert kept(sessions) == {"five_hour": 30, "seven_day": 20}


def test_sessions_that_tell_at_once_are_all_heard(line: Line, path: Path, sessions: Path) -> None:
    line(told())
    command = json.loads(path.read_text())["statusLine"]["command"]
    running = [
        subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for _ in range(20)
    ]
    for number, process in enumerate(running):
        process.communicate(json.dumps(told(str(number), five_hour=number)).encode(), timeout=30)
    assert set(json.loads((sessions / "rate_limits.json").read_text())["sessions"]) == set(map(str, range(20)))


@pytest.mark.parametrize(
    "given",
    [
        b"", b"no JSON", b"[]", b"{}", b'{"rate_limits": {"five_hour": 3}, "session_id": "a"}',
        b'{"session_id": "a", "rate_limits": {"five_hour": {"used_percentage": "much", "resets_at": 1}}}',
    ],
)  # fmt: skip
def test_whatever_else_is_told_changes_nothing(line: Line, sessions: Path, given: bytes) -> None:
    shown = line(given)
    assert (shown.stdout, shown.stderr, shown.returncode) == (b"\n", b"", 0)
    assert not (sessions / "rate_limits.json").exists()


@pytest.mark.parametrize("given", [told(five_hour=42), told(), b"no JSON", b"x" * 1_000_000])
def test_a_status_line_of_your_own_shows_what_it_showed(line: Line, given: object) -> None:
    ours, alone = line(given, statusLine=OWN), run_command(str(OWN["command"]), given)
    assert (ours.stdout, ours.stderr, ours.returncode) == (alone.stdout, alone.stderr, alone.returncode)
    assert (ours.stderr, ours.returncode) == (b"it's", 3)


@pytest.mark.parametrize("command", ["true", "exec sh -c 'kill -TERM $$'", "yes | head -n 1", "echo $0 $#; trap"])
def test_it_ends_as_it_ended(line: Line, command: str) -> None:
    given = b"x" * 1_000_000  # more than it reads
    ours, alone = line(given, statusLine={**OWN, "command": command}), run_command(command, given)
    assert (ours.stdout, ours.returncode) == (alone.stdout, alone.returncode)


def test_it_goes_on_where_the_folder_cannot_be_written(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path.write_text(json.dumps({"statusLine": {**OWN, "command": "echo mine"}}))
    install(path, tmp_path / "file", path)
    command = json.loads(path.read_text())["statusLine"]["command"]
    assert run_command(command, told(five_hour=1)).stdout == b"mine\n"


@pytest.mark.parametrize("gone", [sys.executable, str(status_line.SCRIPT)])
def test_it_goes_on_where_hookmeter_is_gone(line: Line, path: Path, gone: str) -> None:
    line(told(), statusLine={**OWN, "command": "echo mine"})
    command = json.loads(path.read_text())["statusLine"]["command"].replace(gone, "/gone")
    assert run_command(command, told()).stdout == b"mine\n"


def test_without_one_of_your_own_all_is_quiet_where_hookmeter_is_gone(line: Line, path: Path) -> None:
    line(told())
    command = json.loads(path.read_text())["statusLine"]["command"].replace(sys.executable, "/gone")
    assert run_command(command, told()).stdout == b""


@pytest.mark.parametrize("settings", [{}, {"statusLine": OWN}, {"model": "x", "statusLine": OWN, "env": {}}])
def test_what_stood_there_comes_back_letter_by_letter(path: Path, sessions: Path, settings: dict[str, object]) -> None:
    path.write_text(before := json.dumps(settings, indent=4))
    assert install(path, sessions, path).status_line == "added"
    assert install(path, sessions, path).unchanged
    assert install(path, sessions).unchanged
    assert install(path, sessions.with_name("elsewhere")).status_line == "renewed"
    assert uninstall(path).status_line == "removed"
    assert path.read_text() == before


def test_the_status_line_is_left_alone_unless_asked_for(path: Path, sessions: Path) -> None:
    path.write_text(json.dumps({"statusLine": OWN}))
    assert install(path, sessions).status_line == ""
    assert json.loads(path.read_text())["statusLine"] == OWN
    assert status(path).status_line_dir is None


def test_its_other_settings_stay(line: Line, path: Path) -> None:
    line(told(), statusLine=OWN)
    assert {**json.loads(path.read_text())["statusLine"], "command": OWN["command"]} == OWN


def test_status_tells_whether_it_works(line: Line, path: Path, sessions: Path) -> None:
    line(told())
    found = status(path)
    assert (found.status_line_dir, found.status_line_works) == (sessions, True)
    path.write_text(path.read_text().replace("hookmeter_statusline.", "gone/hookmeter_statusline."))
    assert not status(path).status_line_works


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
def test_one_that_is_not_understood_is_refused_and_left_alone(path: Path, sessions: Path, line: object) -> None:
    path.write_text(before := json.dumps({"statusLine": line}))
    with pytest.raises(SettingsError, match="statusLine"):
        install(path, sessions, path)
    with pytest.raises(SettingsError, match="statusLine"):
        uninstall(path)
    assert path.read_text() == before


def test_an_unchanged_line_is_told_as_no_change(path: Path) -> None:
    assert uninstall(path) == Change(path)
