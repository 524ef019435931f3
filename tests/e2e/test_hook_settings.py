"""Which settings have the real Claude Code run the recorder, also in sessions that run; `hookmeter doctor` agrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.managed_settings import with_managed_settings
from tests.e2e.processes import wait_for
from tests.e2e.workplace import PATIENCE_SECONDS, Workplace
from tests.support.hookmeter_process import Home

DISABLED, ENABLED, ONLY_MANAGED = {"disableAllHooks": True}, {"disableAllHooks": False}, {"allowManagedHooksOnly": True}


@pytest.mark.parametrize(
    ("values", "runs"),
    [
        ({"project": DISABLED}, False),
        ({"user": DISABLED}, False),
        ({"user": DISABLED, "project": ENABLED}, True),
        ({"project": DISABLED, "local": ENABLED}, True),
        ({"local": DISABLED, "project": ENABLED}, False),
        ({"managed": DISABLED, "local": ENABLED}, False),
        ({"managed": ENABLED, "user": DISABLED}, True),
        ({"managed": ONLY_MANAGED}, False),
        ({"managed": {"allowManagedHooksOnly": "yes"}}, False),
        ({"managed": {"cleanupPeriodDays": 0}}, True),
        ({"project": {"cleanupPeriodDays": 0}}, False),
        ({"project": {"cleanupPeriodDays": 1.5}}, False),
        ({"project": {"cleanupPeriodDays": 1}}, True),
        ({"project": {"disableAllHooks": "no"}}, False),
    ],
    ids=str,
)
def test_the_doctor_finds_what_keeps_hooks_from_running(
    workplace: Workplace, values: dict[str, dict[str, Any]], runs: bool
) -> None:
    place, managed = with_managed_settings(workplace)
    home, project = place.directory / "home" / ".claude", place.project / ".claude"
    files = {
        "user": home / "settings.json",
        "project": project / "settings.json",
        "local": project / "settings.local.json",
        "managed": managed,
    }
    for name, added in values.items():
        add(files[name], added)
    place.run("cached", "--allowedTools", "Bash")
    assert place.has_recorded("UserPromptSubmit") is runs
    assert hook_errors(place, managed) == ([] if runs else ["hooks"])


def add(path: Path, values: dict[str, Any]) -> None:
    settings = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(settings | values))


def hook_errors(workplace: Workplace, managed: Path) -> list[str]:
    """The subject of each error about hooks, of which there may be several with the same cause."""
    home = Home(workplace.directory / "home").with_variables(HOOKMETER_MANAGED_SETTINGS=str(managed))
    words = ("--sessions-dir", workplace.sessions, "--exporter-elsewhere")
    found = json.loads(home.run("doctor", "--json", *words, cwd=workplace.project).stdout)
    return sorted({one["subject"] for one in found if (one["subject"], one["verdict"]) == ("hooks", "error")})


def test_a_session_that_runs_is_recorded_from_its_next_event_on(workplace: Workplace) -> None:
    settings, noticed = workplace.project / ".claude" / "settings.json", workplace.directory / "noticed"
    with_hooks = settings.read_text()
    noticing = {"type": "command", "command": f"touch {noticed}"}
    settings.write_text(json.dumps({"hooks": {"ConfigChange": [{"hooks": [noticing]}]}}))
    with workplace.running("sleepy", "--allowedTools", "Bash") as process:
        wait_for(lambda: workplace.has_written('"usage"'), "the call to run")
        settings.write_text(with_hooks)
        wait_for(noticed.exists, "Claude Code to notice the hooks")
        (workplace.project / "awake").touch()
        process.communicate(timeout=PATIENCE_SECONDS)
    events = [line["hook_event_name"] for _, line in workplace.recorded()]
    assert "PreToolUse" not in events
    assert {"PostToolUse", "Stop", "SessionEnd"} <= set(events)
