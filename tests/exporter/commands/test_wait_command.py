"""`hookmeter wait`: it ends when a session waits for a person, or at its timeout."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from exporter.commands.wait import NO_SESSION_WAITS
from tests.support.hookmeter_process import TIMEOUT_SECONDS, Home
from tests.support.synthetic_logs import SECOND_US, call, event, iso, now_us

SESSION = "11111111-aaaa-4bbb-8ccc-000000000001"
SECRET = "sk-ant-api03-" + "a" * 80  # of nobody
PROJECT = {"project_dir": "/home/you/web-shop"}


def ask(home: Home, seconds_ago: float, command: str = "make deploy", **fields: str) -> int:
    """Log a call that waits for a permission; return its start."""
    at_us = now_us() - round(seconds_ago * SECOND_US)
    given: dict[str, Any] = {"tool_name": "Bash", "tool_input": {"command": command}, **PROJECT, **fields}
    event(home.sessions, SESSION, "PreToolUse", at_us, tool_use_id="toolu_1", **given)
    event(home.sessions, SESSION, "PermissionRequest", at_us + 1000, **given)
    return at_us


def test_it_prints_who_waits_since_when_and_for_what(home: Home) -> None:
    ask(home, 250)
    result = home.run("wait")
    assert (result.returncode, result.stderr) == (0, "")
    heading, row = result.stdout.splitlines()
    assert heading.split() == ["session", "project", "waits", "for", "since", "tool", "asked"]
    *before, seconds, unit, tool, program, target = row.split()
    assert before == [SESSION, "web-shop", "permission", "4", "min"]
    assert 10 <= int(seconds) < 40
    assert (unit, tool, program, target) == ("s", "Bash", "make", "deploy")


def test_json_has_the_same_with_secrets_redacted(home: Home) -> None:
    at_us = ask(home, 9, f"deploy --token {SECRET}", agent_id="a", agent_type="Explore")
    (found,) = json.loads(home.run("wait", "--json").stdout)
    assert SECRET not in found.pop("text")
    assert found == {
        "session_uuid": SESSION,
        "title": "",
        "project": "web-shop",
        "reason": "permission",
        "since": iso(at_us).replace("Z", "+00:00"),
        "tool": "Bash",
        "agent": "Explore",
    }


@pytest.mark.parametrize("words", [("--timeout", "0"), ("--timeout", "1s"), ("--timeout", "0", "--reason", "question")])
def test_it_gives_up_at_its_timeout(home: Home, words: tuple[str, ...]) -> None:
    if "--reason" in words:
        ask(home, 9)
    call(home.sessions, "another", now_us() - 60 * SECOND_US, took_ms=None)
    result = home.run("wait", *words)
    assert (result.returncode, result.stdout, result.stderr) == (
        NO_SESSION_WAITS, "", "hookmeter: no session is waiting for you\n",
    )  # fmt: skip
    result = home.run("wait", *words, "--json")
    assert (result.returncode, result.stdout, result.stderr) == (NO_SESSION_WAITS, "[]\n", "")


def test_it_blocks_until_somebody_is_needed(home: Home) -> None:
    event(home.sessions, SESSION, "UserPromptSubmit", now_us() - 60 * SECOND_US, prompt="Do it", **PROJECT)
    with home.starting("wait", "--json") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=1.5)
        ask(home, 0)
        output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 0
    assert [one["reason"] for one in json.loads(output)] == ["permission"]


def test_a_turn_that_ends_is_reported_five_seconds_later(home: Home) -> None:
    event(home.sessions, SESSION, "UserPromptSubmit", now_us() - 60 * SECOND_US, prompt="Do it")
    event(home.sessions, SESSION, "Stop", now_us())
    assert home.run("wait", "--timeout", "0").returncode == NO_SESSION_WAITS
    assert json.loads(home.run("wait", "--json").stdout)[0]["reason"] == "idle"


@pytest.mark.parametrize("span", ["soon", "-1", "1w", "1.5", ""])
def test_an_invalid_timeout_is_an_error(home: Home, span: str) -> None:
    assert f"invalid span {span!r}; use seconds, 30s, 10m or 2h." in home.refused("wait", f"--timeout={span}")


def test_control_characters_of_a_log_do_not_reach_the_terminal(home: Home) -> None:
    ask(home, 9, "echo \x1b[2J\u202etxt\nsecond line")
    assert home.run("wait").stdout.splitlines()[1].endswith("echo [2J txt second line")
