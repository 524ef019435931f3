"""`hookmeter hooks`: the recorder in real settings files, run as Claude Code runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.hookmeter_process import Home

PLACES = {
    "your own": ((), ".claude/settings.json"),
    "--user": (("--user",), ".claude/settings.json"),
    "--project": (("--project", "shop"), "shop/.claude/settings.json"),
    "--settings": (("--settings", "mine.json"), "mine.json"),
}


@pytest.mark.parametrize("place", PLACES)
def test_hooks_are_installed_checked_and_removed(home: Home, place: str) -> None:
    words, name = PLACES[place]
    (home.path / "shop").mkdir()
    assert home.run("hooks", "status", *words).returncode == 1
    installed = home.run("hooks", "install", *words)
    assert (installed.returncode, installed.stderr) == (0, "")
    assert f"they write to {home.sessions}" in installed.stdout
    settings = json.loads((home.path / name).read_text())
    assert "PreToolUse" in settings["hooks"]
    status = home.run("hooks", "status", *words)
    assert (status.returncode, status.stderr) == (0, "")
    assert f"writing to {home.sessions}" in status.stdout
    assert "already has the hooks" in home.run("hooks", "install", *words).stdout
    assert "hooks removed" in home.run("hooks", "uninstall", *words).stdout
    assert "has no hooks of hookmeter" in home.run("hooks", "uninstall", *words).stdout
    assert list(home.path.rglob("*.json")) == []


def test_the_size_above_which_results_are_cut_is_set_shown_and_removed(home: Home) -> None:
    cut = f"{home.sessions}: long texts in results are cut if a line has more than 64 kB"
    assert f"{cut}, also in sessions that run" in home.run("hooks", "install", "--max-payload", "64k").stdout
    home.run("hooks", "install")
    assert cut in home.run("hooks", "status").stdout
    whole = f"{home.sessions}: results are recorded whole"
    assert whole in home.run("hooks", "install", "--max-payload", "unlimited").stdout
    assert "cut" not in home.run("hooks", "status").stdout
    for size in ("64", "15k", "1g", "-64k"):
        refused = home.run("hooks", "install", "--max-payload", size)
        assert refused.returncode == 2
        assert f"invalid size '{size}'; use 64k, 1m (at least 16k) or unlimited." in refused.stderr


def test_a_status_line_records_the_quotas_and_is_restored(home: Home) -> None:
    home.settings.parent.mkdir()
    home.settings.write_text(before := '{"statusLine": {"type": "command", "command": "echo mine"}}')
    assert (
        "status line added; it shows today's cost and records the quotas"
        in home.run("hooks", "install", "--statusline").stdout
    )
    assert f"records the quotas in {home.sessions}" in home.run("hooks", "status").stdout
    assert "already has the hooks" in home.run("hooks", "install").stdout
    whole = home.settings.read_text()
    home.settings.write_text(whole.replace("hookmeter_statusline.", "gone/hookmeter_statusline."))
    assert "status line does not run" in _failure(home)
    assert "hookmeter's status line removed" in home.run("hooks", "uninstall").stdout
    assert home.settings.read_text() == before


def test_the_users_own_settings_are_in_claude_config_dir(home: Home) -> None:
    home.with_variables(CLAUDE_CONFIG_DIR=str(home.path / "config")).run("hooks", "install")
    assert (home.path / "config" / "settings.json").is_file()
    assert not home.settings.exists()


def test_sessions_lists_what_the_hooks_record(home: Home) -> None:
    home.run("hooks", "install", "--sessions-dir", "elsewhere/logs")
    (group,) = json.loads(home.settings.read_text())["hooks"]["PreToolUse"]
    payload = {"session_id": "s", "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_use_id": "1"}
    command = group["hooks"][0]["command"]
    subprocess.run(["/bin/sh", "-c", command], input=json.dumps(payload).encode(), check=True)
    (session,) = json.loads(home.run("sessions", "--json", "--sessions-dir", "elsewhere/logs").stdout)
    assert (session["session_uuid"], session["status"], session["running"]) == ("s", "active", 1)


def test_invalid_settings_are_refused_and_left_unchanged(home: Home) -> None:
    home.settings.parent.mkdir()
    home.settings.write_text('{"model": "sonnet",}')
    for command in ("install", "uninstall", "status"):
        assert f"{home.settings} is not valid JSON" in home.refused("hooks", command)
    assert home.settings.read_text() == '{"model": "sonnet",}'


def test_status_fails_for_everything_that_keeps_hooks_from_working(home: Home) -> None:
    home.run("hooks", "install")
    whole = home.settings.read_text()
    settings = json.loads(whole)
    home.settings.write_text(json.dumps({**settings, "disableAllHooks": True}))
    assert "disableAllHooks" in _failure(home)
    again = home.run("hooks", "install")
    assert (again.returncode, "are recorded" in again.stdout) == (1, False)
    assert again.stderr.endswith("sets disableAllHooks, so Claude Code runs no hooks; remove it there\n")
    del settings["hooks"]["Stop"]
    home.settings.write_text(json.dumps(settings))
    assert "no hook for Stop" in _failure(home)
    home.settings.write_text(whole.replace("hookmeter_recorder.", "gone/hookmeter_recorder."))
    assert "the recorder does not run" in _failure(home)


def _failure(home: Home) -> str:
    result = home.run("hooks", "status")
    assert result.returncode == 1
    return result.stderr


def test_a_directory_that_cannot_be_written_is_one_line(home: Home) -> None:
    Path(home.path / "file").write_text("")
    assert "cannot be" in home.refused("hooks", "install", "--settings", home.path / "file" / "settings.json")
    assert "is not a directory" in home.refused("hooks", "install", "--project", home.path / "file")
