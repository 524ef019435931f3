"""What people choose for a task, within what the operator allows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from chatserver.settings import PERMISSIVENESS, TaskSettings
from chatserver.tasks.agents import known_agents
from chatserver.tasks.errors import ChoiceRefusedError, InvalidTaskError
from chatserver.tasks.records import TaskStatus
from tests.chatserver.tasks.place import Place, ask, ended


def test_a_task_runs_as_it_was_chosen(place: Place) -> None:
    manager, _ = place.server(permission_mode="acceptEdits", model="claude-opus-5")
    chosen = ask(manager, model="claude-sonnet-5", permission_mode="plan", agent="code-reviewer", max_turns=3)
    assert (chosen.agent_type, chosen.permission_mode) == ("code-reviewer", "plan")
    ended(manager, chosen)
    ended(manager, ask(manager, agent="code-reviewer", agent_type="a label"))
    first, second = (set(call["argv"]) for call in place.calls())
    assert {"--model=claude-sonnet-5", "--permission-mode=plan", "--agent=code-reviewer", "--max-turns=3"} <= first
    assert {"--model=claude-opus-5", "--permission-mode=acceptEdits", "--agent=code-reviewer"} <= second


@pytest.mark.parametrize(
    ("settings", "modes"),
    [
        ({}, {"plan", "dontAsk", "manual"}),
        ({"permission_mode": "plan"}, {"plan"}),
        ({"permission_mode": "acceptEdits"}, {"plan", "dontAsk", "manual", "acceptEdits"}),
        ({"permission_mode": "bypassPermissions"}, set(PERMISSIVENESS)),
        ({"permission_mode": "plan", "permission_modes": ("auto",)}, {"plan", "auto"}),
    ],
)
def test_by_default_nobody_chooses_a_mode_that_allows_more_than_the_servers(
    place: Place, settings: dict[str, Any], modes: set[str]
) -> None:
    manager = place.manager(**settings)
    assert set(TaskSettings("claude", (), **settings).allowed_modes) == modes
    for mode in PERMISSIVENESS:
        if mode in modes:
            assert ask(manager, permission_mode=mode).status is TaskStatus.PENDING
        else:
            with pytest.raises(ChoiceRefusedError, match=f"The permission mode {mode} is not allowed here; use plan"):
                ask(manager, permission_mode=mode)


def test_the_operator_may_name_the_models(place: Place) -> None:
    manager = place.manager(model="claude-opus-5", models=("claude-sonnet-5", "haiku"))
    for model in ("", "claude-opus-5", "claude-sonnet-5", "haiku"):
        assert ask(manager, model=model).model == (model or "claude-opus-5")
    with pytest.raises(ChoiceRefusedError, match="use claude-opus-5, claude-sonnet-5, haiku, or have the operator set"):
        ask(manager, model="claude-fable-5")
    assert ask(place.manager(), model="anything").model == "anything"


@pytest.mark.parametrize(
    "more", [{"permission_mode": "yolo"}, {"agent": "--resume"}, {"agent": "two words"}, {"agent": "x" * 101}]
)
def test_what_claude_code_would_not_understand_is_refused(place: Place, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidTaskError, match=r"Invalid .*; (use|write) "):
        ask(place.manager(), **more)


def test_a_task_that_chose_what_is_no_longer_allowed_fails(place: Place) -> None:
    task = ask(place.manager(permission_mode="bypassPermissions"), permission_mode="auto")
    manager, _ = place.server()
    failed = ended(manager, task)
    assert (failed.status, place.calls()) == (TaskStatus.FAILED, [])
    assert "The permission mode auto is not allowed here" in (failed.error or "")


def test_known_agents_are_those_that_are_defined(tmp_path: Path) -> None:
    agents = tmp_path / ".claude" / "agents"
    agents.mkdir(parents=True)
    (agents / "a.md").write_text("---\ndescription: x\nname: reviewer\n---\nname: none\n")
    (agents / "b.md").write_text('---\r\nname: "Tester"\r\n---\r\n')
    (agents / "c.md").write_text("No front matter.\nname: none\n")
    (agents / "d.md").write_text("---\nname: --resume\n---\n")
    (agents / "e.md").write_text("---\ndescription: x\n---\nname: none\n")
    os.mkfifo(agents / "f.md")
    assert known_agents((tmp_path, tmp_path / "missing", tmp_path)) == ["reviewer", "Tester"]
