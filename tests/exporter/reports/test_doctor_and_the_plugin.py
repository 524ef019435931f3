"""The doctor reports the plugin, and hooks that are installed twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.exporter.reports.examined_home import examined
from tests.support.hookmeter_process import Home

NAME = "hookmeter@hookmeter"
CLOSED = "127.0.0.1:1"


def enable(home: Home, *, value: object = True) -> None:
    """Write what `claude plugin install` does."""
    claude = home.settings.parent
    (claude / "plugins").mkdir(parents=True, exist_ok=True)
    installed = {"version": 2, "plugins": {NAME: [{"scope": "user", "version": "0.1.0"}]}}
    (claude / "plugins" / "installed_plugins.json").write_text(json.dumps(installed))
    settings = json.loads(home.settings.read_text()) if home.settings.exists() else {}
    home.settings.write_text(json.dumps({**settings, "enabledPlugins": {NAME: value}}))


def record(directory: Path) -> None:
    """Leave what the plugin's hooks do."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ".plugin").touch()


def findings(home: Home) -> list[tuple[str, str]]:
    _, found = examined(home, CLOSED)
    return [(verdict, message) for verdict, subject, message in found if subject == "plugin"]


def test_the_plugin_replaces_hooks_in_settings(home: Home) -> None:
    enable(home)
    record(home.sessions)
    assert findings(home) == [("ok", f"{NAME} records in {home.sessions}")]
    assert "hooks" not in [subject for _, subject, _ in examined(home, CLOSED)[1]]


def test_hooks_that_are_installed_twice_are_reported(ready: Home) -> None:
    enable(ready)
    record(ready.sessions)
    ((verdict, message),) = findings(ready)
    assert verdict == "info"
    assert message.startswith(f"{NAME} and {ready.settings} both have hooks; each event is recorded once -> ")
    assert message.endswith(f"claude plugin uninstall {NAME}")


def test_hooks_that_write_to_another_directory_than_the_plugin_are_an_error(ready: Home) -> None:
    enable(ready)
    other = ready.path / "other"
    record(other)
    ((verdict, message),) = findings(ready.with_variables(HOOKMETER_SESSIONS_DIR=f"{ready.sessions}:{other}"))
    assert verdict == "error"
    assert message.startswith("every event is recorded twice: ")


def test_a_plugin_that_has_recorded_nothing_is_reported(home: Home) -> None:
    enable(home)
    ((verdict, message),) = findings(home)
    assert verdict == "info"
    assert message.startswith(f"{NAME} is enabled, but has recorded nothing in {home.sessions}")


def test_a_plugin_that_is_not_enabled_is_none(home: Home) -> None:
    enable(home, value=False)
    assert findings(home) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"plugins": []}', "{}"])
def test_a_damaged_list_of_plugins_has_none(home: Home, text: str) -> None:
    enable(home)
    (home.settings.parent / "plugins" / "installed_plugins.json").write_text(text)
    assert findings(home) == []
