"""`hookmeter service` and `hookmeter uninstall`: what service managers get, and what is left at the end."""

from __future__ import annotations

import json
import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from exporter.lifecycle.data_files import DataFilesError
from exporter.lifecycle.service_unit import UNIT, kept_variables, launchd_agent, systemd_unit
from tests.support.hookmeter_process import HOOKMETER, Home
from tests.support.synthetic_logs import call, now_us

ODD = '/opt/100% "mine" \\ $HOME'
MINE = {"matcher": "", "hooks": [{"type": "command", "command": "notify-send done"}]}
AWAY = {"PATH": "/nowhere"}  # without systemctl


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def unit_of(home: Home) -> Path:
    return home.path / ".config" / "systemd" / "user" / UNIT


def test_the_unit_runs_this_hookmeter_with_the_variables_that_it_needs(home: Home) -> None:
    profile = home.with_variables(**AWAY, CLAUDE_CONFIG_DIR="/work/claude")
    result = profile.run("service", "install", "--only", "exporter")
    left = "systemctl --user daemon-reload && systemctl --user enable --now hookmeter.service"
    assert result.returncode == 1
    assert result.stderr == (
        "hookmeter: the service is installed, but does not run: systemctl failed (it is not on PATH); where it works,"
        f" run: {left}\n"
    )
    lines = unit_of(home).read_text().splitlines()
    assert f'ExecStart="{HOOKMETER}" "exporter"' in lines
    assert 'Environment="CLAUDE_CONFIG_DIR=/work/claude"' in lines
    assert profile.run("service", "install", "--show").stdout.splitlines()[1:3] == lines[1:3]
    assert f"{unit_of(home)}: removed" in profile.run("service", "uninstall").stdout
    assert not unit_of(home).exists()
    assert "there is no service" in profile.run("service", "uninstall").stdout


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_unit_whatever_is_in_paths(tmp_path: Path) -> None:
    program = tmp_path / "100% $mine" / "hookmeter"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT
    unit.write_text(systemd_unit((str(program), "run"), {"PATH": ODD}))
    result = subprocess.run(["systemd-analyze", "verify", "--user", unit], capture_output=True, text=True, check=False)
    assert [line for line in result.stderr.splitlines() if UNIT in line] == []


def test_the_agent_of_launchd_is_a_property_list_of_the_documented_form() -> None:
    """The format alone: launchd exists on macOS only."""
    text = launchd_agent((ODD, "run"), {"PATH": ODD}, Path("/Users/you"))
    agent = plistlib.loads(text.encode())
    assert (agent["Label"], agent["ProgramArguments"], agent["KeepAlive"]) == ("hookmeter", [ODD, "run"], True)
    assert agent["EnvironmentVariables"] == {"PATH": ODD}
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC')


def test_a_unit_that_cannot_be_written_is_one_sentence(home: Home) -> None:
    (home.path / ".config").mkdir()
    (home.path / ".config" / "systemd").write_text("a file")
    refused = home.with_variables(**AWAY).refused("service", "install")
    assert f"{unit_of(home)} cannot be written (Not a directory): fix that" in refused


def test_secrets_of_the_environment_are_in_no_definition() -> None:
    own = {"PATH": "/bin", "ANTHROPIC_API_KEY": "sk-ant-1", "JWT_SECRET_KEY": "k" * 32, "XDG_DATA_HOME": ""}
    assert kept_variables(own) == {"PATH": "/bin"}


def test_a_line_break_cannot_add_a_setting_to_a_unit() -> None:
    with pytest.raises(DataFilesError, match="not printable"):
        systemd_unit(("/bin/true",), {"PATH": "/bin\nExecStartPre=/bin/evil"})


def test_uninstalling_leaves_nothing_in_settings_and_names_the_data_that_stay(home: Home) -> None:
    away = home.with_variables(**AWAY)
    home.run("hooks", "install", "--statusline")
    away.run("service", "install")
    call(home.sessions, "s", now_us())
    home.data.joinpath("ledger.sqlite3").write_bytes(b"1234")
    result = away.run("uninstall")
    assert (result.returncode, result.stderr) == (0, "")
    assert not home.settings.exists()
    assert not unit_of(home).exists()
    assert not (home.data / "scripts").exists()
    assert f"{home.data}: 4 bytes" in result.stdout
    assert f"rm -r {home.data} {home.sessions}" in result.stdout
    assert home.sessions.is_dir()
    assert "has no hooks of hookmeter" in away.run("uninstall").stdout


def test_a_directory_that_hooks_wrote_to_is_named_although_it_is_not_read(home: Home) -> None:
    away = home.with_variables(**AWAY)
    home.run("hooks", "install", "--sessions-dir", str(home.path / "elsewhere"))
    call(home.path / "elsewhere", "s", now_us())
    assert f" {home.path / 'elsewhere'}\n" in away.run("uninstall").stdout


def test_data_in_the_usual_places_are_named_although_others_are_configured(home: Home) -> None:
    call(home.sessions, "s", now_us())
    home.data.mkdir(parents=True)
    home.config.parent.mkdir(parents=True)
    home.config.write_text("sessions-dir = '~/logs'\ndata-dir = '~/data'\n")
    (home.path / "logs").mkdir()
    said = home.with_variables(**AWAY).run("uninstall").stdout
    assert f"rm -r {home.path / 'logs'} {home.data} {home.sessions} {home.config}\n" in said


def test_uninstalling_changes_nothing_that_is_not_hookmeters(home: Home) -> None:
    home.settings.parent.mkdir()
    home.settings.write_text(before := json.dumps({"model": "sonnet", "hooks": {"Stop": [MINE]}}, indent=1))
    home.run("hooks", "install", "--statusline")
    home.with_variables(**AWAY).run("uninstall")
    assert home.settings.read_text() == before
