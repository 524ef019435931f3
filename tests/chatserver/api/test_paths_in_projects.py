"""Files of a project are shown by their paths in it, wherever a call is described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import SECOND_US, event, now_us

PROJECT = "/home/you/web-shop"


def test_every_list_describes_a_call_alike(world: World, admin: Person) -> None:
    (logs,) = world.settings.exporter.sessions_dirs
    given = {"tool_name": "Write", "tool_input": {"file_path": f"{PROJECT}/src/basket.py", "content": "x"}}
    at_us = now_us() - 60 * SECOND_US
    event(Path(logs), "s", "PreToolUse", at_us, None, tool_use_id="toolu_1", **given, project_dir=PROJECT)
    event(Path(logs), "s", "PermissionRequest", at_us + 1000, None, **given, project_dir=PROJECT)
    headers = {**admin.headers, "Accept": "application/json"}
    snapshot: Any = admin.client.get("/api/metrics", headers=headers).get_json()
    (waiting,), (call,) = snapshot["waiting"], admin.get("/api/sessions/s").json["tools"]
    (waits,) = admin.get("/api/sessions/s/events").json["events"]
    assert waiting["text"] == call["subject"] == waits["text"] == "src/basket.py"
    assert call["parameters"]["file_path"] == f"{PROJECT}/src/basket.py"
    exported = admin.client.get("/api/sessions/s/export?format=markdown", headers=admin.headers).text
    assert "`Write` `src/basket.py`" in exported
