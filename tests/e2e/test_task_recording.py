"""Tasks are recorded where no hook is installed, and each event once where hooks are: with the real Claude Code."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from chatserver.tasks.records import TaskStatus
from exporter.hooks import entries
from exporter.hooks.recorders import recorders
from tests.chatserver.tasks.place import Place, ask, ended
from tests.e2e.scripted_api import Script, Use
from tests.e2e.workplace import Workplace

EVENTS = Counter(
    PreToolUse=7, PostToolUse=4, PostToolUseFailure=2, PostToolBatch=7, PermissionRequest=1, UserPromptSubmit=1,
    SessionStart=1, SessionEnd=1, Stop=1,
)  # fmt: skip


@pytest.fixture
def place(place: Place) -> Place:
    (place.workspace / ".claude" / "settings.local.json").unlink()  # the permissions of the workplace's own tour
    return place


def run_tour(place: Place) -> None:
    manager, _ = place.server(permission_mode="acceptEdits")
    task = ended(manager, ask(manager, "script:tour", model="claude-sonnet-5"))
    assert task.status is TaskStatus.COMPLETED


def recorded(workplace: Workplace) -> Counter[str]:
    return Counter(line["hook_event_name"] for _, line in workplace.recorded())


def test_without_hooks_every_event_is_recorded(place: Place, workplace: Workplace) -> None:
    (workplace.project / ".claude" / "settings.json").unlink()
    run_tour(place)
    assert recorded(workplace) == EVENTS
    assert {line["project_dir"] for _, line in workplace.recorded()} == {str(workplace.project)}


@pytest.mark.parametrize("number", range(len(recorders())))
def test_with_hooks_each_event_is_recorded_once(place: Place, workplace: Workplace, number: int) -> None:
    """They are installed for the project by one recorder and for the user by another, from another place."""
    copied = replace(recorders()[number], script=workplace.directory / recorders()[number].script.name)
    copied.script.write_bytes(recorders()[number].script.read_bytes())
    settings = entries.with_recorder({}, lambda event: copied.command(workplace.sessions, event))
    user = workplace.directory / "home" / ".claude" / "settings.json"
    user.parent.mkdir(exist_ok=True)
    user.write_text(json.dumps(settings))
    run_tour(place)
    assert recorded(workplace) == EVENTS


def test_hooks_that_write_elsewhere_still_do(place: Place, workplace: Workplace) -> None:
    elsewhere = workplace.directory / "elsewhere"
    settings = entries.with_recorder({}, lambda event: recorders()[0].command(elsewhere, event))
    (workplace.project / ".claude" / "settings.json").write_text(json.dumps(settings))
    run_tour(place)
    assert recorded(workplace) == EVENTS
    written = [json.loads(line) for file in elsewhere.glob("*/*.jsonl") for line in file.read_text().splitlines()]
    assert Counter(line["hook_event_name"] for line in written) == EVENTS


def test_a_claude_that_a_task_starts_is_recorded_by_its_own_hooks(place: Place, workplace: Workplace) -> None:
    inner = f"{workplace.cli} -p script:cached --model claude-sonnet-5"
    workplace.api.add("outer", Script([[Use("Bash", {"command": inner})]]))
    (workplace.project / ".claude" / "settings.local.json").write_text('{"permissions": {"allow": ["Bash"]}}')
    manager, _ = place.server()
    task = ended(manager, ask(manager, "script:outer", model="claude-sonnet-5"))
    sessions = Counter(line["session_id"] for _, line in workplace.recorded() if line["hook_event_name"] == "Stop")
    assert sessions.pop(task.session_uuid or "") == 1
    assert list(sessions.values()) == [1]
