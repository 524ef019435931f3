"""When the server hands a recorder over to its tasks, and when installed hooks are left to record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatserver.tasks.recording import TaskRecording
from exporter.hooks.entries import EVENTS, recorder_commands
from tests.chatserver.tasks.place import Place, ask, ended


def test_a_task_gets_a_recorder_of_every_event_and_leaves_out_the_installed_ones(place: Place) -> None:
    manager, _ = place.server()
    task = ended(manager, ask(manager))
    (call,) = place.calls()
    settings = json.loads(call["argv"][call["argv"].index("--settings") + 1])
    assert tuple(recorder_commands(settings)) == EVENTS
    assert all(f" {place.sessions} {event}" in command for event, command in recorder_commands(settings).items())
    assert call["env"]["HOOKMETER_TASK_RECORDED"] == f"{task.session_uuid}:{place.sessions}"


@pytest.mark.parametrize("file", ["managed-settings.json", "managed-settings.d/hooks.json"])
def test_where_only_managed_hooks_are_allowed_no_recorder_is_handed_over(tmp_path: Path, file: str) -> None:
    managed = tmp_path / "managed-settings.json"
    recording = TaskRecording((tmp_path / "sessions",), managed_settings=managed)
    assert recording.settings()
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text('{"allowManagedHooksOnly": true}')
    assert recording.settings() is None
    (tmp_path / file).write_text("{")
    assert recording.settings()


def test_where_the_tasks_cannot_write_their_own_hooks_record(tmp_path: Path) -> None:
    (tmp_path / "sessions").touch()
    assert TaskRecording((tmp_path / "sessions",), managed_settings=tmp_path / "none.json").settings() is None
