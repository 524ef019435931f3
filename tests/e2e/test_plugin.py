"""The plugin for Claude Code, installed by its own CLI from the marketplace in this repository."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.test_task_recording import EVENTS, recorded
from tests.e2e.workplace import PATIENCE_SECONDS, Workplace
from tests.support.hookmeter_process import HOOKMETER

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(workplace: Workplace) -> Workplace:
    """A workplace with the plugin, and with hooks in the project's settings, too."""
    claude(workplace, "plugin", "marketplace", "add", str(ROOT))
    claude(workplace, "plugin", "install", "hookmeter@hookmeter")
    return workplace


def claude(workplace: Workplace, *arguments: str) -> str:
    """What a command of Claude Code that needs no model prints."""
    return subprocess.run(
        [workplace.cli, *arguments], cwd=workplace.project, env=workplace.environment, capture_output=True, text=True,
        check=True, timeout=PATIENCE_SECONDS, stdin=subprocess.DEVNULL,
    ).stdout  # fmt: skip


def places(workplace: Workplace) -> dict[str, str]:
    """Where the plugin, and hookmeter in its commands, find the directories."""
    bin_directory = workplace.directory / "bin"
    bin_directory.mkdir(exist_ok=True)
    program = bin_directory / "hookmeter"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m exporter "$@"\n')
    program.chmod(0o755)
    return {
        "PATH": f"{bin_directory}:{workplace.environment['PATH']}",
        "HOOKMETER_SESSIONS_DIR": str(workplace.sessions),
        "HOOKMETER_DATA_DIR": str(workplace.directory / "data"),
    }


def uninstall(workplace: Workplace) -> str:
    """What `hookmeter uninstall` prints."""
    environment = {"HOME": workplace.environment["HOME"], "PATH": "/nowhere"}  # without systemctl
    return subprocess.run([HOOKMETER, "uninstall"], env=environment, capture_output=True, text=True, check=True).stdout


def test_the_manifests_are_valid(claude: str, tmp_path: Path) -> None:
    for path in (ROOT, ROOT / "plugin"):
        subprocess.run([claude, "plugin", "validate", "--strict", path], check=True, env={"HOME": str(tmp_path)})


def test_the_plugin_alone_records_every_event_once(installed: Workplace) -> None:
    (installed.project / ".claude" / "settings.json").unlink()
    installed.answer("script:tour", **places(installed))
    assert recorded(installed) == EVENTS
    assert {line["recorded_by"] for _, line in installed.recorded()} == {"plugin"}


def test_next_to_hooks_in_settings_every_event_is_recorded_once(installed: Workplace) -> None:
    installed.answer("script:tour", **places(installed))
    assert recorded(installed) == EVENTS


def test_events_of_sub_agents_are_recorded_once(installed: Workplace) -> None:
    installed.answer("script:delegate", **places(installed))
    payloads = Counter(
        json.dumps({**line, "logged_at": "", "recorded_by": ""}, sort_keys=True) for _, line in installed.recorded()
    )
    assert set(payloads.values()) == {1}
    assert sum("SubagentStop" in payload for payload in payloads) > 0


def test_uninstalling_hookmeter_names_the_commands_that_remove_the_plugin(installed: Workplace) -> None:
    directory = installed.directory / "home" / ".claude"
    removal = "claude plugin uninstall hookmeter@hookmeter && claude plugin marketplace remove hookmeter"
    assert f"; to remove it, run: {removal}\n" in uninstall(installed)
    for words in removal.split(" && "):
        claude(installed, *words.split()[1:])
    assert "hookmeter" not in (directory / "settings.json").read_text()
    assert "plugin" not in uninstall(installed)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("cost --csv", "unpriced_tokens"),
        ("sessions --json", "session_uuid"),
        ("quota", "The last hour"),
        ("doctor", "both have hooks"),
    ],
)
def test_a_command_of_the_plugin_answers_from_hookmeter(installed: Workplace, command: str, shown: str) -> None:
    variables = places(installed)
    installed.answer("script:quick", **variables)
    assert not installed.has_written(shown)
    installed.answer(f"/hookmeter:{command}", **variables)
    assert installed.has_written(shown)
