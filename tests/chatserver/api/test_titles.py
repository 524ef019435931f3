"""The titles of sessions that run or wait, over HTTP: those of the list of sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.chatserver.api.test_history import count
from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import SECOND_US, event, now_us
from tests.support.synthetic_transcripts import line

SECRET = "sk-ant-api03-" + "a" * 80  # of nobody


@pytest.fixture
def logs(world: World) -> Path:
    (directory,) = world.settings.exporter.sessions_dirs
    directory.mkdir(exist_ok=True)
    return directory


def ask(logs: Path, session: str, prompt: str) -> None:
    """Log a prompt and a call that waits for a permission."""
    at_us = now_us() - 60 * SECOND_US
    given = {"tool_name": "Bash", "tool_input": {"command": "make"}}
    event(logs, session, "UserPromptSubmit", at_us, prompt=prompt)
    event(logs, session, "PreToolUse", at_us + 1000, None, tool_use_id="toolu_1", **given)
    event(logs, session, "PermissionRequest", at_us + 2000, None, **given)


def title(world: World, session: str, text: str) -> None:
    projects = Path(world.settings.exporter.transcript_roots[0])
    line(projects, session, now_us(), "ai-title", {}, aiTitle=text)


def shown(person: Person) -> list[dict[str, str]]:
    """The titles by session: of those that wait, of those that run, and of the list."""
    headers = {**person.headers, "Accept": "application/json"}
    found: Any = person.client.get("/api/metrics", headers=headers).get_json()
    lists = found["waiting"], found["running"]["sessions"], person.get("/api/sessions?since=24h").json["sessions"]
    return [{one["session_uuid"]: one["title"] for one in sessions} for sessions in lists]


@pytest.mark.parametrize("is_counted", [False, True])
def test_two_sessions_of_one_project_are_told_apart_by_their_first_prompts(
    world: World, admin: Person, logs: Path, is_counted: bool
) -> None:
    ask(logs, "one", f"Deploy with {SECRET}")
    ask(logs, "other", "Fix the basket\nand the cart")
    if is_counted:
        count(world, logs)
    waiting, running, listed = shown(admin)
    assert waiting == running == listed
    assert waiting["other"] == "Fix the basket"
    assert waiting["one"].startswith("Deploy with ")
    assert SECRET not in waiting["one"]


@pytest.mark.parametrize("is_counted", [False, True])
def test_the_title_of_claude_code_comes_before_the_first_prompt(
    world: World, admin: Person, logs: Path, is_counted: bool
) -> None:
    ask(logs, "one", "please look at the thing")
    title(world, "one", "Basket totals")
    if is_counted:
        count(world, logs)
    waiting, running, listed = shown(admin)
    assert waiting == running == listed == {"one": "Basket totals"}


def test_people_see_no_titles_of_sessions_that_are_not_theirs(
    world: World, admin: Person, ann: Person, logs: Path
) -> None:
    ask(logs, "one", "Fix the basket")
    assert shown(admin)[0] == {"one": "Fix the basket"}
    assert shown(ann) == [{}, {}, {}]
