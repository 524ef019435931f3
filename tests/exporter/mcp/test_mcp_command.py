"""`hookmeter mcp`, asked by the client of the official package over standard input and output."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent

from tests.exporter.hooks.spent import spend
from tests.support.hookmeter_process import HOOKMETER, Home
from tests.support.synthetic_logs import now_us
from tests.support.synthetic_transcripts import transcript_call, transcript_prompt

Question = tuple[str, dict[str, Any]]
SECRET = "sk-ant-api03-" + "a1B2" * 20
SESSION = "0f63ea0a-1b2c-4d5e-8f90-123456789abc"
TOOLS = ["cost", "sessions", "session", "search", "quota"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a session that mentions a secret, and with a ledger."""
    home = Home(tmp_path)
    projects = tmp_path / ".claude" / "projects"
    transcript_prompt(projects, SESSION, now_us() - 5_000_000, f"Deploy the shop with {SECRET}")
    for number in range(3):
        command = {"command": f"curl -H 'x-api-key: {SECRET}' shop/{number}"}
        transcript_call(projects, SESSION, now_us() - 4_000_000 + number, error="Exit code 7", tool_input=command)
    spend(home.path, home.path / "data", 1)
    return home


async def _ask(home: Home, questions: Iterable[Question]) -> tuple[Any, list[CallToolResult]]:
    server = StdioServerParameters(command=str(HOOKMETER), args=["mcp"], env=home.environment(), cwd=home.path)
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        listed = await session.list_tools()
        return listed, [await session.call_tool(tool, given) for tool, given in questions]


def results(home: Home, *questions: Question) -> list[CallToolResult]:
    return asyncio.run(_ask(home, questions))[1]


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def answers(home: Home, *questions: Question) -> list[Any]:
    found = results(home, *questions)
    assert [text(result) for result in found if result.is_error] == []
    return [json.loads(text(result)) for result in found]


def test_its_tools_are_read_only_and_described(home: Home) -> None:
    listed, _ = asyncio.run(_ask(home, ()))
    assert [tool.name for tool in listed.tools] == TOOLS
    assert all(tool.annotations.read_only_hint and len(tool.description) > 60 for tool in listed.tools)


def test_it_answers_as_the_commands_do(home: Home) -> None:
    cost, sessions, quota = answers(home, ("cost", {"by": "day,model"}), ("sessions", {}), ("quota", {}))
    said = json.loads(home.run("cost", "--since", "24h", "--by", "day,model", "--json").stdout)
    assert (cost["rows"], cost["total"]) == (said["rows"], said["total"])
    assert cost["total"]["cost_usd"] > 0
    assert [one["session_uuid"] for one in sessions["sessions"]] == [
        one["session_uuid"] for one in json.loads(home.run("sessions", "--json").stdout)
    ]
    shown = json.loads(home.run("quota", "--json").stdout)["periods"]
    for period in (*quota["periods"], *shown):
        assert period.pop("forecast_usd") > 0  # of the moment at which it is made
    assert quota["periods"] == shown


def test_a_session_has_its_calls_page_by_page(home: Home) -> None:
    (first,) = answers(home, ("session", {"uuid": SESSION[:8], "limit": 2}))
    (rest,) = answers(home, ("session", {"uuid": SESSION, "cursor": first["next_cursor"], "limit": 2}))
    assert (len(first["tools"]), len(rest["tools"]), rest["next_cursor"]) == (2, 1, None)
    assert first["session_uuid"] == SESSION
    assert {tool["outcome"] for tool in first["tools"]} == {"error"}


def test_secrets_are_redacted_in_every_answer(home: Home) -> None:
    assert home.run("search", "nothing").returncode == 0  # which indexes
    found = results(
        home, ("cost", {"by": "session,branch"}), ("sessions", {}), ("session", {"uuid": SESSION}),
        ("search", {"words": "deploy"}), ("search", {"words": "curl"}), ("quota", {}),
    )  # fmt: skip
    texts = [text(result) for result in found]
    assert all(SECRET not in one and SECRET[13:40] not in one for one in texts)
    assert "Deploy" in texts[1]
    assert [json.loads(one)["total"] for one in texts[3:5]] == [1, 3]


def test_nothing_is_written(home: Home) -> None:
    before = {path: path.stat().st_mtime_ns for path in (home.path / "data").iterdir() if path.suffix == ".sqlite3"}
    required = {"search": {"words": "x"}, "session": {"uuid": SESSION}}
    answers(home, *((tool, required.get(tool, {})) for tool in TOOLS))
    after = {path: path.stat().st_mtime_ns for path in (home.path / "data").iterdir() if path.suffix == ".sqlite3"}
    assert after == before


def test_without_any_data_there_are_empty_answers(tmp_path: Path) -> None:
    cost, sessions, search, quota = answers(
        Home(tmp_path), ("cost", {}), ("sessions", {}), ("search", {"words": "x"}), ("quota", {})
    )
    assert (cost["rows"], sessions["sessions"], search["results"], quota["windows"]) == ([], [], [], [])
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("tool", "given", "message"),
    [
        ("cost", {"since": "yesterday"}, "invalid time 'yesterday'; use 7d, 12h or 2026-11-28."),
        ("cost", {"by": "colour"}, "Costs cannot be grouped by colour; use some of hour, "),
        ("session", {"uuid": "none"}, "No sessions start with 'none'; list them with sessions."),
        ("session", {"uuid": ""}, "No sessions start with ''"),
        ("search", {"words": '"'}, ""),
        ("search", {"words": "x", "kind": "song"}, "There is no kind 'song'; use one of prompt, "),
        ("sessions", {"sort": "color"}, "Invalid sort: input should be 'last_activity', "),
        ("sessions", {"limit": "many", "failed": "x"}, "Invalid failed: input should be a valid boolean"),
        ("sessions", {"limit": "many"}, "Invalid limit: input should be a valid integer"),
        ("search", {}, "words is required."),
        ("cost", {"sicne": "7d"}, "cost has no argument 'sicne'; it has since, until, by, "),
        ("quota", {"since": "7d"}, "quota has no argument 'since'; it has none."),
        ("costs", {}, "costs"),
    ],
)
def test_a_wrong_question_gets_one_clear_sentence(home: Home, tool: str, given: dict[str, Any], message: str) -> None:
    wrong, right = results(home, (tool, given), ("quota", {}))
    assert wrong.is_error
    assert message in text(wrong)
    assert all(part not in text(wrong) for part in ("Traceback", "http", "pydantic", "\n"))
    assert not right.is_error
