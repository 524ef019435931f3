"""`hookmeter cost --by`: what messages are attributed to besides model, project, agent, day and session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, prompt_line, search_line, usage, write

BEDROCK = "eu.anthropic.claude-opus-4-6-v1"
GROUPS = {
    "branch": {"": 2, "main": 2, "fix/tea": 1},
    "skill": {"": 3, "greet": 1, "loop": 1},
    "mcp-server": {"": 4, "github": 1},
    "speed": {"": 1, "standard": 3, "fast": 1},
    "region": {"": 2, "us": 1, "eu": 1, "asia": 1},
}


@pytest.fixture
def projects(home: Home) -> Path:
    """Five messages, each of which says something else about itself."""
    path = home.path / ".claude" / "projects"
    write(
        path / SLUG / f"{SESSION}.jsonl",
        prompt_line("tea?"),
        assistant_line(1, usage(speed="standard"), second=1, gitBranch="main"),
        assistant_line(
            2, usage(speed="fast", inference_geo="us"), second=2, gitBranch="main", attributionSkill="greet"
        ),
        assistant_line(
            3, usage(speed="standard", inference_geo="not_available"), second=3, gitBranch="fix/tea",
            attributionMcpServer="github", model=BEDROCK,
        ),
        assistant_line(
            4, usage(speed=None, inference_geo="asia"), second=4, gitBranch=None, attributionSkill="loop",
            attributionMcpServer=7,
        ),
        assistant_line(5, usage(speed="standard", inference_geo=""), second=5, gitBranch=["main"]),
    )  # fmt: skip
    return path


def requests(home: Home, by: str) -> dict[str, int]:
    """The number of requests by group."""
    result = home.run("cost", "--json", "--by", by)
    assert (result.returncode, result.stderr) == (0, "")
    report: dict[str, Any] = json.loads(result.stdout)
    key = by.replace("-", "_")
    assert report["by"] == [key]
    return {row[key]: row["requests"] for row in report["rows"]}


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("by", GROUPS)
def test_messages_are_grouped_by_what_their_lines_say(home: Home, by: str) -> None:
    assert requests(home, by) == GROUPS[by]


@pytest.mark.parametrize("by", GROUPS)
def test_the_ledger_has_all_groups_also_of_deleted_transcripts(home: Home, projects: Path, by: str) -> None:
    with open_ledger(home.data, 200) as ledger:
        Meter([], ledger, transcript_roots=[str(projects)]).catch_up()
    (projects / SLUG / f"{SESSION}.jsonl").unlink()
    assert requests(home.with_variables(HOOKMETER_DATA_DIR=str(home.data)), by) == GROUPS[by]


@pytest.mark.parametrize("by", GROUPS)
def test_a_copied_message_belongs_to_the_groups_of_the_original(home: Home, projects: Path, by: str) -> None:
    fork: dict[str, Any] = {"gitBranch": "later", "sessionId": "fork", "requestSessionId": SESSION}
    write(projects / SLUG / "fork.jsonl", assistant_line(1, usage(speed="standard"), second=1, **fork))
    assert requests(home, by) == GROUPS[by]


def test_searches_belong_to_the_branch_of_their_line(home: Home, projects: Path) -> None:
    write(projects / SLUG / f"{SESSION}.jsonl", search_line(1, 3, second=9, gitBranch="main"))
    report = json.loads(home.run("cost", "--json", "--by", "branch").stdout)
    assert {row["branch"]: row["web_searches"] for row in report["rows"]} == {"": 0, "main": 3, "fix/tea": 0}


@pytest.mark.usefixtures("projects")
def test_a_group_without_a_name_is_a_dash(home: Home) -> None:
    head, *lines, _total = home.run("cost", "--by", "mcp-server").stdout.splitlines()
    assert head.startswith("mcp server  ")
    assert sorted(line.split()[0] for line in lines) == ["github", "–"]
