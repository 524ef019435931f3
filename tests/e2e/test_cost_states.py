"""The real Claude Code's requests without a message: sessions cost what its own total says, to the last digit."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from typing import Any

import pytest

from tests.e2e.processes import wait_for
from tests.e2e.scripted_api import SEARCHES
from tests.e2e.terminal import claude_in_terminal
from tests.e2e.workplace import Workplace

TOLERANCE_USD = 1e-9
OPUS = "claude-opus-4-6"
SEARCH = ("--allowedTools", "WebSearch", "ToolSearch")


def result(stream: str) -> dict[str, Any]:
    """What Claude Code reports at the end of a run."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.splitlines()]
    return [line for line in lines if line["type"] == "result"][-1]


def cost(stream: str) -> float:
    """The total cost of the session at the end of a run."""
    total: float = result(stream)["total_cost_usd"]
    return total


def report(workplace: Workplace) -> dict[str, Any]:
    command = [sys.executable, "-m", "exporter", "cost", "--json", "--by", "session"]
    run = subprocess.run(
        [*command, "--transcripts-dir", workplace.projects], check=True, capture_output=True, timeout=30
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def costs(workplace: Workplace) -> dict[str, float]:
    return {row["session"]: row["cost_usd"] for row in report(workplace)["rows"]}


def close_to(expected: dict[str, float]) -> Any:
    return pytest.approx(expected, abs=TOLERANCE_USD, rel=0)


def test_compaction_searches_resumes_and_forks_cost_what_claude_code_says(workplace: Workplace) -> None:
    session = str(uuid.uuid4())
    workplace.run("cached", "--session-id", session)
    compacted = cost(workplace.answer("/compact", "--resume", session))
    fork = result(workplace.run("family", "--resume", session, "--fork-session", "--allowedTools", "Bash", "Agent"))
    again = cost(workplace.answer("/compact", "--resume", fork["session_id"]))
    searched = cost(workplace.run("websearch", "--resume", session, *SEARCH))
    assert costs(workplace) == close_to({session: searched, fork["session_id"]: again - compacted})
    total = report(workplace)["total"]
    assert total["web_searches"] == SEARCHES + total_of_messages(workplace)
    assert 0 < total["not_itemized_usd"] < total["cost_usd"]


def total_of_messages(workplace: Workplace) -> int:
    """The searches that messages report."""
    lines = [json.loads(line) for file in workplace.projects.rglob("*.jsonl") for line in file.read_text().splitlines()]
    searches = {
        line["message"]["id"]: line["message"]["usage"].get("server_tool_use", {}).get("web_search_requests", 0)
        for line in lines
        if line["type"] == "assistant"
    }
    return sum(searches.values())


def test_a_killed_process_costs_its_messages_and_the_next_one_goes_on(workplace: Workplace) -> None:
    session = str(uuid.uuid4())
    first = cost(workplace.run("cached", "--session-id", session, model=OPUS))
    with workplace.running("slow", "--resume", session, "--allowedTools", "Bash", model=OPUS) as process:
        wait_for((workplace.project / "started").exists, "the second process to be at work")
        process.kill()
    of_message = first / 2
    compacted = cost(workplace.answer("/compact", "--resume", session, model=OPUS))
    assert costs(workplace) == close_to({session: compacted + of_message})


def test_automatic_compaction_costs_what_claude_code_says(workplace: Workplace) -> None:
    stream = workplace.answer("script:lengthy", model=OPUS, CLAUDE_CODE_AUTO_COMPACT_WINDOW="50000")
    assert '"compact_boundary"' in stream
    assert costs(workplace) == close_to({result(stream)["session_id"]: cost(stream)})
    assert report(workplace)["total"]["not_itemized_usd"] > 0


@pytest.mark.parametrize(("script", "model"), [("fast", OPUS), ("american", OPUS), ("large", "claude-haiku-5-5")])
def test_compaction_on_other_terms_costs_what_claude_code_says(workplace: Workplace, script: str, model: str) -> None:
    session = str(uuid.uuid4())
    workplace.run(script, "--session-id", session, model=model)
    compacted = cost(workplace.answer("/compact", "--resume", session, model=model))
    assert costs(workplace) == close_to({session: compacted})
    assert report(workplace)["total"]["not_itemized_usd"] > 0


@pytest.mark.parametrize("kind", ["prompt", "agent"])
def test_hooks_that_ask_a_model_cost_what_claude_code_says(workplace: Workplace, kind: str) -> None:
    settings = workplace.project / ".claude" / "settings.local.json"
    settings.write_text(
        json.dumps({"hooks": {"Stop": [{"hooks": [{"type": kind, "prompt": "Is it done? $ARGUMENTS"}]}]}})
    )
    stream = workplace.run("cached", model=OPUS)
    assert costs(workplace) == close_to({result(stream)["session_id"]: cost(stream)})
    assert report(workplace)["total"]["not_itemized_usd"] > 0


def test_a_question_beside_the_conversation_costs_what_claude_code_says(workplace: Workplace) -> None:
    subscribed = {**workplace.environment, "CLAUDE_CODE_OAUTH_TOKEN": "none"}
    del subscribed["ANTHROPIC_API_KEY"]
    with claude_in_terminal(workplace.cli, workplace.project, subscribed) as terminal:
        terminal.type("hello there")
        wait_for(lambda: "Done." in terminal.shown, "an answer")
        terminal.type("/btw script:aside")
        wait_for(lambda: "way." in terminal.shown, "an answer beside the conversation")
    (transcript,) = workplace.projects.glob("*/*.jsonl")
    *_, last = (json.loads(line) for line in transcript.read_text().splitlines() if "cost-state" in line)
    assert costs(workplace) == close_to({transcript.stem: last["totalCostUSD"]})
    assert report(workplace)["total"]["not_itemized_usd"] > 0
