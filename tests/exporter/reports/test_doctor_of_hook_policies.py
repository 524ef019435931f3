"""Hooks that Claude Code does not run because of any of its settings files are found, and only these."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.exporter.reports.examined_home import examined
from tests.support.hookmeter_process import Home

LISTEN = "127.0.0.1:1"
INSTALL = "hookmeter hooks install"


def set_in(path: Path, **values: object) -> Path:
    settings = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**settings, **values}))
    return path


def findings(home: Home, subject: str) -> list[tuple[str, str]]:
    return [(verdict, message) for verdict, found, message in examined(home, LISTEN)[1] if found == subject]


def only_error_of_hooks(home: Home) -> str:
    ((verdict, message),) = findings(home, "hooks")
    assert verdict == "error"
    return message


def test_a_file_of_higher_precedence_allows_hooks_again(ready: Home) -> None:
    set_in(ready.settings, disableAllHooks=True)
    set_in(ready.path / ".claude" / "settings.local.json", disableAllHooks=False)
    assert findings(ready, "hooks") == [("ok", f"installed in {ready.settings}")]


def test_managed_settings_disable_hooks(ready: Home) -> None:
    managed = set_in(ready.path / "managed-settings.json", disableAllHooks=True)
    set_in(ready.settings, disableAllHooks=False)
    found = f"{managed} sets disableAllHooks, so Claude Code runs no hooks"
    assert only_error_of_hooks(ready) == f"{found} -> Ask its administrator to remove disableAllHooks"


def test_managed_settings_allow_their_own_hooks_only(ready: Home) -> None:
    managed = set_in(ready.path / "managed-settings.d" / "10.json", allowManagedHooksOnly=True)
    command = f"As an administrator, run: {INSTALL} --settings {managed}"
    found = f"{managed} allows managed hooks only, so Claude Code ignores those in {ready.settings}"
    assert only_error_of_hooks(ready) == f"{found} -> {command}"
    assert ready.run("hooks", "uninstall").returncode == 0
    ((verdict, message),) = findings(ready, "hooks")
    assert (verdict, message.partition(" -> ")[2]) == ("info", command)
    assert ready.run("hooks", "install", "--settings", managed).returncode == 0
    assert findings(ready, "hooks") == [("ok", f"installed in {managed}")]


@pytest.mark.parametrize("value", [0, -1, 1.5, "30", True, None])
def test_a_file_that_claude_code_ignores_for_an_invalid_value_is_found(ready: Home, value: object) -> None:
    set_in(ready.settings, cleanupPeriodDays=value)
    found = f"{ready.settings} has an invalid cleanupPeriodDays, so Claude Code ignores the whole file, its hooks too"
    assert only_error_of_hooks(ready) == f"{found} -> Set it to a whole number from 1 on, or remove it"


def test_transcripts_that_are_deleted_soon_are_found(ready: Home) -> None:
    set_in(ready.settings, cleanupPeriodDays=2)
    assert findings(ready, "transcripts")[1:] == [
        (
            "info",
            f"Claude Code deletes them after 2 days (cleanupPeriodDays in {ready.settings})"
            " -> Keep the exporter running, which remembers them, or set cleanupPeriodDays to 30",
        )
    ]
    set_in(ready.path / ".claude" / "settings.local.json", cleanupPeriodDays=30)
    assert len(findings(ready, "transcripts")) == 1
