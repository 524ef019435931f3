"""`hookmeter wait` shows sessions by the titles and project labels that the dashboard shows."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import SECOND_US, call, event, now_us
from tests.support.synthetic_transcripts import line, transcript_prompt
from tests.support.terminals import in_terminal

SECRET = "sk-ant-api03-" + "a" * 80  # of nobody
BASKET, CART = "11111111-aaaa-4bbb-8ccc-000000000001", "22222222-aaaa-4bbb-8ccc-000000000002"
PROJECT = "/home/you/web-shop"


def ask(home: Home, session: str, prompt: str, project: str = PROJECT) -> None:
    """Log a prompt and a call that waits for a permission."""
    at_us = now_us() - 60 * SECOND_US
    given: dict[str, Any] = {"tool_name": "Write", "tool_input": {"file_path": f"{project}/src/basket.py"}}
    event(home.sessions, session, "UserPromptSubmit", at_us, prompt=prompt, project_dir=project)
    event(home.sessions, session, "PreToolUse", at_us + 1000, None, tool_use_id="toolu_1", **given)
    event(home.sessions, session, "PermissionRequest", at_us + 2000, None, **given)


def projects(home: Home) -> Path:
    return home.path / ".claude" / "projects"


def title(home: Home, session: str, text: str, kind: str = "ai-title") -> None:
    name = {"ai-title": "aiTitle", "custom-title": "customTitle"}[kind]
    transcript_prompt(projects(home), session, now_us() - 70 * SECOND_US, "please look at the thing")
    line(projects(home), session, now_us(), kind, {}, **{name: text})


def count(home: Home) -> None:
    with open_ledger(home.data, 200) as ledger:
        Meter([str(home.sessions)], ledger, transcript_roots=[str(projects(home))]).catch_up()


def waits(home: Home, name: str) -> dict[str, str]:
    result = home.run("wait", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    return {one["session_uuid"]: one[name] for one in json.loads(result.stdout)}


@pytest.mark.parametrize("is_counted", [False, True])
def test_titles_come_before_first_prompts_with_or_without_a_ledger(home: Home, is_counted: bool) -> None:
    ask(home, BASKET, "please look at the thing")
    title(home, BASKET, "Basket totals")
    ask(home, CART, f"Deploy with {SECRET}")
    if is_counted:
        count(home)
    found = waits(home, "title")
    assert found[BASKET] == "Basket totals"
    assert found[CART].startswith("Deploy with ")
    assert SECRET not in found[CART]


def test_a_title_that_the_ledger_lacks_is_in_the_transcript(home: Home) -> None:
    ask(home, BASKET, "please look at the thing")
    title(home, BASKET, "Basket totals")
    count(home)
    title(home, BASKET, "My basket", "custom-title")
    assert waits(home, "title") == {BASKET: "My basket"}


def test_projects_have_the_labels_that_the_exporter_gave_them(home: Home) -> None:
    call(home.sessions, "earlier", now_us() - 300 * SECOND_US, project_dir="/srv/web-shop")
    count(home)
    (home.sessions / "earlier").rename(home.path / "moved")
    ask(home, BASKET, "Do it")
    assert waits(home, "project") == {BASKET: "you/web-shop"}


def test_a_ledger_that_cannot_be_read_takes_no_titles_away(home: Home) -> None:
    ask(home, BASKET, "please look at the thing")
    title(home, BASKET, "Basket totals")
    count(home)
    with sqlite3.connect(home.data / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 9999")
    assert waits(home, "title") == {BASKET: "Basket totals"}


@pytest.mark.parametrize(
    ("columns", "head"),
    [
        (60, "session title waits for asked"),
        (80, "session title project waits for since asked"),
        (120, "session title project waits for since tool asked"),
    ],
)
def test_a_narrow_terminal_shows_fewer_columns(home: Home, columns: int, head: str) -> None:
    ask(home, BASKET, "Fix the totals of the basket, and do not forget coupons")
    heading, row = in_terminal(home, columns, "wait")
    assert heading.split() == head.split()
    assert "Fix the tota" in row
    assert "permission" in row
    assert max(map(len, (heading, row))) <= columns
