"""Every command finds the same data, logs and settings, in whatever directory it is called."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import platformdirs
import pytest

from exporter import paths
from exporter.hooks import recorders
from tests.support.hookmeter_process import HOOKMETER, TIMEOUT_SECONDS, Home
from tests.support.synthetic_logs import call, now_us

ROOT = Path(__file__).parents[3]


@pytest.fixture
def elsewhere(home: Home) -> Path:
    directory = home.path / "some" / "where"
    directory.mkdir(parents=True)
    return directory


def recorded(home: Home) -> Path | None:
    """The directory that the hooks in the user's own settings write to."""
    (group,) = json.loads(home.settings.read_text())["hooks"]["PreToolUse"]
    found = recorders.parse_command(group["hooks"][0]["command"])
    return found and found[1]


def test_sessions_are_the_same_in_every_directory(home: Home, elsewhere: Path) -> None:
    call(home.sessions, "s", now_us())
    here, there = (home.run("sessions", "--json", cwd=cwd).stdout for cwd in (home.path, elsewhere))
    assert here == there
    assert json.loads(here)[0]["session_uuid"] == "s"


def test_the_directories_follow_the_variables_of_xdg(home: Home) -> None:
    own = {f"XDG_{name}_HOME": str(home.path / name.lower()) for name in ("DATA", "STATE", "CONFIG")}
    moved = home.with_variables(**own)
    (home.path / "config" / "hookmeter").mkdir(parents=True)
    (home.path / "config" / "hookmeter" / "config.toml").write_text("label-values = 0")
    assert f"{home.path}/config/hookmeter/config.toml: label-values" in moved.refused("exporter")
    (home.path / "config" / "hookmeter" / "config.toml").unlink()
    assert f"{home.path}/state/hookmeter/sessions" in moved.run("sessions").stdout
    assert f"none yet in {home.path}/data/hookmeter" in moved.run("doctor").stdout


@pytest.mark.parametrize("named", [None, "", " ", "/elsewhere", "~/elsewhere", "here"])
def test_the_directories_are_those_of_other_programs(monkeypatch: pytest.MonkeyPatch, named: str | None) -> None:
    for variable, _ in paths.BASES.values():
        monkeypatch.setenv(variable, named) if named is not None else monkeypatch.delenv(variable, raising=False)
    expected = platformdirs.PlatformDirs(paths.NAME, appauthor=False)
    assert paths.data_dir() == expected.user_data_path
    assert paths.sessions_dir().parent == expected.user_state_path
    assert paths.config_file().parent == expected.user_config_path


def test_hooks_name_nothing_that_an_upgrade_or_a_moved_checkout_takes_away(home: Home) -> None:
    assert home.run("hooks", "install", "--statusline").returncode == 0
    text = home.settings.read_text()
    assert str(ROOT) not in text
    assert str(HOOKMETER.parent) not in text
    assert f"{home.data}/scripts/hookmeter_recorder." in text
    assert f"{home.data}/scripts/hookmeter_statusline.py" in text


def test_an_outdated_copy_of_the_recorder_is_reported_and_replaced(home: Home) -> None:
    home.run("hooks", "install")
    copies = [copy for copy in (home.data / "scripts").glob("hookmeter_recorder.*") if copy.suffix != ".c"]
    assert copies
    for copy in copies:
        copy.write_text("# of an older version\n")
        status = home.run("hooks", "status")
        assert "is not the one of this version; run again: hookmeter hooks install" in status.stderr
        home.run("hooks", "install")
        assert home.run("hooks", "status").returncode == 0


def test_hooks_that_are_installed_keep_their_directory(home: Home, elsewhere: Path) -> None:
    home.run("hooks", "install", "--sessions-dir", "first")
    again = home.run("hooks", "install", cwd=elsewhere)
    assert again.returncode == 0
    assert f"already has the hooks; they write to {home.path}/first" in again.stdout
    assert recorded(home) == home.path / "first"


@pytest.mark.parametrize("how", ["flag", "variable", "file"])
def test_recording_is_not_moved_unasked(home: Home, how: str) -> None:
    home.run("hooks", "install", "--sessions-dir", "first")
    second = home.path / "second"
    chosen = home.with_variables(HOOKMETER_SESSIONS_DIR=str(second)) if how == "variable" else home
    if how == "file":
        home.config.parent.mkdir(parents=True)
        home.config.write_text(f'sessions-dir = "{second}"')
    words = ("--sessions-dir", str(second)) if how == "flag" else ()
    line = chosen.refused("hooks", "install", *words)
    assert f"write to {home.path}/first; from now on they would write to {second}" in line
    assert "add --move" in line
    assert recorded(home) == home.path / "first"
    moved = chosen.run("hooks", "install", "--move", *words)
    assert f"{home.path}/first keeps what was recorded there" in moved.stdout
    assert recorded(home) == second


def test_a_directory_that_other_commands_do_not_read_is_reported(home: Home) -> None:
    line = f"Other commands do not read {home.path}/first yet: add it to sessions-dir in config.toml\n"
    assert line in home.run("hooks", "install", "--sessions-dir", "first").stdout
    assert line in home.run("hooks", "install").stdout
    home.config.parent.mkdir(parents=True)
    home.config.write_text('sessions-dir = ["~/first"]')
    assert line not in home.run("hooks", "install").stdout
    assert line not in home.run("hooks", "install", "--sessions-dir", "first").stdout


@pytest.mark.parametrize(("answer", "directory"), [(b"y\n", "second"), (b"n\n", "first")])
def test_in_a_terminal_it_asks_before_recording_is_moved(home: Home, answer: bytes, directory: str) -> None:
    home.run("hooks", "install", "--sessions-dir", "first")
    keyboard, terminal = pty.openpty()
    os.write(keyboard, answer)
    result = subprocess.run(
        [HOOKMETER, "hooks", "install", "--sessions-dir", "second"], cwd=home.path, env=home.environment(),
        stdin=terminal, capture_output=True, timeout=TIMEOUT_SECONDS, check=False,
    )  # fmt: skip
    assert b"Go ahead? [y/N]" in result.stderr
    assert recorded(home) == home.path / directory
    os.close(keyboard)
    os.close(terminal)
