"""What a new task may ask for, and how that is refused, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exporter.model.money import PICODOLLARS
from tests.chatserver.world import made_settings, made_world


def test_what_is_allowed_is_listed_and_accepted_and_nothing_else(tmp_path: Path) -> None:
    settings = made_settings(tmp_path)
    tasks = replace(
        settings.tasks, model="claude-opus-5", models=("haiku",), permission_mode="acceptEdits", max_budget=PICODOLLARS
    )
    agents = tasks.workspaces[0] / ".claude" / "agents"
    agents.mkdir(parents=True)
    (agents / "reviewer.md").write_text("---\nname: reviewer\n---\n")
    with made_world(replace(settings, tasks=tasks)) as world:
        ann = world.person("ann")
        options = ann.get("/api/task_options").json
        assert "reviewer" in options.pop("agents")
        assert options == {
            "models": ["claude-opus-5", "haiku"],
            "default_model": "claude-opus-5",
            "permission_modes": ["plan", "dontAsk", "manual", "acceptEdits"],
            "default_permission_mode": "acceptEdits",
            "workspaces": [str(tasks.workspaces[0])],
            "max_budget_usd": 1.0,
            "max_turns": None,
            "timeout_seconds": 3600,
        }
        chosen = {
            "model": "haiku",
            "permission_mode": "plan",
            "agent": "reviewer",
            "workspace": options["workspaces"][0],
        }
        made = ann.post("/api/tasks", {"description": "hello", **chosen, "max_budget_usd": 5}).json
        assert made == {**made, **chosen, "agent_type": "reviewer", "max_budget_usd": 1.0}
        refused = ann.post("/api/tasks", {"description": "hello", "permission_mode": "bypassPermissions"})
        assert (refused.status, refused.json["detail"]) == (
            403,
            "The permission mode bypassPermissions is not allowed here; use plan, dontAsk, manual, acceptEdits, or have"
            " the operator set --allow-permission-mode.",
        )
        assert ann.post("/api/tasks", {"description": "hello", "model": "opus"}).status == 403


@pytest.mark.parametrize("wrong", [{"permission_mode": "yolo"}, {"agent": "--x"}, {"permission_mode": 1}])
def test_what_is_no_choice_is_a_bad_request(tmp_path: Path, wrong: dict[str, object]) -> None:
    with made_world(made_settings(tmp_path)) as world:
        assert world.person("ann").post("/api/tasks", {"description": "hello", **wrong}).status == 400
