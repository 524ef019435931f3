"""What the API reports about a subscription's quotas, through the real Claude Code, to the metrics."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from chatserver.tasks.records import TaskStatus
from tests.chatserver.tasks.place import Place, ask, ended
from tests.e2e.processes import wait_for
from tests.e2e.terminal import claude_in_terminal
from tests.e2e.workplace import Workplace
from tests.support.page import sample

RESETS = {"five_hour": int(time.time()) + 3600, "seven_day": int(time.time()) + 86_400}
HEADERS = {
    "anthropic-ratelimit-unified-status": "allowed",
    "anthropic-ratelimit-unified-5h-utilization": "0.42",
    "anthropic-ratelimit-unified-5h-reset": str(RESETS["five_hour"]),
    "anthropic-ratelimit-unified-7d-utilization": "0.13",
    "anthropic-ratelimit-unified-7d-reset": str(RESETS["seven_day"]),
}


def test_quotas_reach_the_metrics_and_the_status_line_of_the_user_shows(workplace: Workplace) -> None:
    workplace.api.headers.update(HEADERS)
    settings = workplace.directory / "home" / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"statusLine": {"type": "command", "command": "cat >/dev/null; echo my-own-line"}}))
    install = (sys.executable, "-m", "exporter", "hooks", "install", "--settings", settings, "--statusline")
    subprocess.run(
        [*install, "--sessions-dir", workplace.sessions], check=True, capture_output=True,
        env={**workplace.environment, "PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    with claude_in_terminal(workplace.cli, workplace.project, workplace.subscribed) as terminal:
        terminal.type("hello there")
        wait_for((workplace.sessions / "rate_limits.json").exists, "the quotas")
        wait_for(lambda: "my-own-line" in terminal.shown, "the user's own status line")
        wait_for(lambda: "5h 42% · 7d 13%" in terminal.shown, "hookmeter's line above it")
        wait_for(lambda: " session" in terminal.shown, "the cost, as Claude Code has it")
        wait_for(lambda: "context " in terminal.shown, "the context")
    assert_the_metrics_have_them(workplace)


def test_quotas_of_a_task_reach_the_metrics(workplace: Workplace, place: Place) -> None:
    workplace.api.headers.update(HEADERS)
    place.environment = workplace.subscribed
    manager, _ = place.server()
    assert ended(manager, ask(manager, "script:quick")).status is TaskStatus.COMPLETED
    assert_the_metrics_have_them(workplace)


def assert_the_metrics_have_them(workplace: Workplace) -> None:
    page = workplace.page()
    for window, used in (("five_hour", 0.42), ("seven_day", 0.13)):
        assert page[sample("claude_rate_limit_used_ratio", window=window)] == used
        assert page[sample("claude_rate_limit_resets_timestamp_seconds", window=window)] == RESETS[window]
        assert 0 <= time.time() - page[sample("claude_rate_limit_seen_timestamp_seconds", window=window)] < 300
