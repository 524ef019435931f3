"""What the API says of a subscription's quotas, through the real Claude Code's status line, to the metrics."""

from __future__ import annotations

import json
import subprocess
import sys
import time

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
    subscribed = {**workplace.environment, "CLAUDE_CODE_OAUTH_TOKEN": "none"}
    del subscribed["ANTHROPIC_API_KEY"]
    with claude_in_terminal(workplace.cli, workplace.project, subscribed) as terminal:
        terminal.type("hello there")
        wait_for((workplace.sessions / "rate_limits.json").exists, "the quotas")
        wait_for(lambda: "my-own-line" in terminal.shown, "the user's own status line")
    page = workplace.page()
    for window, used in (("five_hour", 0.42), ("seven_day", 0.13)):
        assert page[sample("claude_rate_limit_used_ratio", window=window)] == used
        assert page[sample("claude_rate_limit_resets_timestamp_seconds", window=window)] == RESETS[window]
        assert 0 <= time.time() - page[sample("claude_rate_limit_seen_timestamp_seconds", window=window)] < 300
