"""The real Claude Code's requests without a message: sessions cost what its own total says, to the last digit."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agreement import TOLERANCE_USD, cost_report, costs, final_costs, result
from tests.e2e.processes import wait_for
from tests.e2e.scenarios import tools
from tests.e2e.scripted_api import SEARCHES, Script, Use
from tests.e2e.terminal import claude_in_terminal
from tests.e2e.web_page import web_page
from tests.e2e.workplace import Workplace

OPUS = "claude-opus-4-6"
SEARCH = ("--allowedTools", "WebSearch", "ToolSearch")


def cost(stream: str) -> float:
    """The total cost of the session at the end of a run."""
    total: float = result(stream)["total_cost_usd"]
    return total


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
    total = cost_report(workplace)["total"]
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


def test_a_killed_process_costs_its_messages_and_the_next_one_continues(workplace: Workplace) -> None:
    session = str(uuid.uuid4())
    first = cost(workplace.run("cached", "--session-id", session, model=OPUS))
    with workplace.running("slow", "--resume", session, "--allowedTools", "Bash", model=OPUS) as process:
        wait_for((workplace.project / "started").exists, "the second process to be at work")
        wait_for(lambda: workplace.has_written("touch started"), "its message to be written")
        process.kill()
    of_message = first / 2
    compacted = cost(workplace.answer("/compact", "--resume", session, model=OPUS))
    assert costs(workplace) == close_to({session: compacted + of_message})


def test_automatic_compaction_costs_what_claude_code_says(workplace: Workplace) -> None:
    stream = workplace.answer("script:lengthy", model=OPUS, CLAUDE_CODE_AUTO_COMPACT_WINDOW="50000")
    assert '"compact_boundary"' in stream
    assert costs(workplace) == close_to({result(stream)["session_id"]: cost(stream)})
    assert cost_report(workplace)["total"]["not_itemized_usd"] > 0


@pytest.mark.parametrize(("script", "model"), [("fast", OPUS), ("american", OPUS), ("large", "claude-haiku-5-5")])
def test_compaction_on_other_terms_costs_what_claude_code_says(workplace: Workplace, script: str, model: str) -> None:
    session = str(uuid.uuid4())
    workplace.run(script, "--session-id", session, model=model)
    compacted = cost(workplace.answer("/compact", "--resume", session, model=model))
    assert costs(workplace) == close_to({session: compacted})
    assert cost_report(workplace)["total"]["not_itemized_usd"] > 0


@pytest.mark.parametrize("kind", ["prompt", "agent"])
def test_hooks_that_ask_a_model_cost_what_claude_code_says(workplace: Workplace, kind: str) -> None:
    settings = workplace.project / ".claude" / "settings.local.json"
    settings.write_text(
        json.dumps({"hooks": {"Stop": [{"hooks": [{"type": kind, "prompt": "Is it done? $ARGUMENTS"}]}]}})
    )
    stream = workplace.run("cached", model=OPUS)
    assert costs(workplace) == close_to({result(stream)["session_id"]: cost(stream)})
    assert cost_report(workplace)["total"]["not_itemized_usd"] > 0


def test_a_question_aside_from_the_conversation_costs_what_claude_code_says(workplace: Workplace) -> None:
    with claude_in_terminal(workplace.cli, workplace.project, workplace.subscribed) as terminal:
        terminal.type("hello there")
        wait_for(lambda: "Done." in terminal.shown, "an answer")
        terminal.type("/btw script:aside")
        wait_for(lambda: "way." in terminal.shown, "an answer beside the conversation")
    assert costs(workplace) == close_to(final_costs(workplace))
    assert cost_report(workplace)["total"]["not_itemized_usd"] > 0


def test_the_title_of_a_session_costs_what_claude_code_says(workplace: Workplace) -> None:
    # Only with requests that are not for the model will there be a title; a closed proxy keeps them on the machine.
    online = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "", "HTTPS_PROXY": "http://127.0.0.1:9"}
    environment = {**workplace.subscribed, **online, "NO_PROXY": "127.0.0.1", "DISABLE_TELEMETRY": "1"}
    with claude_in_terminal(workplace.cli, workplace.project, environment) as terminal:
        terminal.type("please look around the shop and report what you find")
        wait_for(lambda: "Done." in terminal.shown, "an answer")
    assert costs(workplace) == close_to(final_costs(workplace))
    total = cost_report(workplace)["total"]
    assert total["not_itemized_usd"] == pytest.approx(total["cost_usd"] / 2, abs=TOLERANCE_USD)  # as much as the answer


def test_a_page_that_is_read_for_the_model_costs_what_claude_code_says(workplace: Workplace, tmp_path: Path) -> None:
    settings = tmp_path / "home" / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"skipWebFetchPreflight": True}))
    with web_page(tmp_path) as (url, authority):
        read = (tools("WebFetch"),), (Use("WebFetch", {"url": url, "prompt": "Read it"}),)
        workplace.api.add("webfetch", Script(read))
        allowed = ("--allowedTools", "WebFetch", "ToolSearch")
        stream = workplace.answer("script:webfetch", *allowed, model=OPUS, NODE_EXTRA_CA_CERTS=str(authority))
    assert costs(workplace) == close_to({result(stream)["session_id"]: cost(stream)})
    assert cost_report(workplace)["total"]["not_itemized_usd"] > 0
