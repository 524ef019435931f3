"""`hookmeter statusline`, which shows the figures of `hookmeter quota`."""

from __future__ import annotations

import json
import os
import pty
import subprocess

from tests.exporter.hooks.spent import NOON, spend
from tests.support.hookmeter_process import HOOKMETER, Home


def statusline(home: Home, given: str) -> str:
    """What is printed for the JSON that Claude Code passes."""
    return subprocess.run(
        [HOOKMETER, "statusline"], input=given, cwd=home.path, env=home.environment(), capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip


def test_it_says_the_same_as_the_command_quota(home: Home) -> None:
    transcript = spend(home.path, home.path / "data", 0.1, 3, 5, 9, 15, 22, 30)
    here = home.with_variables(TZ=NOON)
    report = json.loads(here.run("quota", "--json", "--transcripts-dir", transcript.parents[1]).stdout)
    (today,) = [period for period in report["periods"] if period["period"] == "day"]
    assert today["spent_usd"] > 3
    shown = f"${today['spent_usd']:,.2f} today · ${report['spent_last_hour_usd']:,.2f}/h\n"
    assert statusline(here, "{}") == shown


def test_it_records_the_quotas(home: Home) -> None:
    limits = {"five_hour": {"used_percentage": 42, "resets_at": 2_000_000_000}}
    assert statusline(home, json.dumps({"session_id": "s", "rate_limits": limits})) == "5h 42%\n"
    assert json.loads(home.run("quota", "--json").stdout)["windows"][0]["used"] == 0.42


def test_in_a_terminal_it_reads_nothing(home: Home) -> None:
    spend(home.path, home.path / "data", 0.1)
    controller, terminal = pty.openpty()
    result = subprocess.run(
        [HOOKMETER, "statusline"], stdin=terminal, capture_output=True, cwd=home.path, check=True, text=True,
        env=home.with_variables(TZ=NOON).environment(),
    )  # fmt: skip
    os.close(controller)
    os.close(terminal)
    assert result.stdout == "$1.50 today · $1.50/h\n"
