"""The real Claude Code CLI with a scripted model: what it says of tokens and costs is what hookmeter says."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from typing import Any

import pytest

from tests.e2e.workplace import Workplace
from tests.support.page import Samples, fetch, sample, samples_of

TOLERANCE_USD = 1e-9
TOKENS = {
    "inputTokens": "input_tokens",
    "outputTokens": "output_tokens",
    "cacheReadInputTokens": "cache_read_tokens",
    "webSearchRequests": "web_searches",
}
MODELS = (
    "claude-fable-5", "claude-fable-5-1", "claude-fable-5-2", "claude-haiku-4-5", "claude-haiku-4-5-20251001",
    "claude-haiku-5-5", "claude-mythos-5", "claude-mythos-5-1", "claude-mythos-5-2", "claude-opus-4-1-20250805",
    "claude-opus-4-5-20251101", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8", "claude-opus-5",
    "claude-opus-5-5", "claude-sonnet-4-20250514", "claude-sonnet-4-5", "claude-sonnet-4-6", "claude-sonnet-4-6[1m]",
    "claude-sonnet-5", "claude-sonnet-5-5",
)  # fmt: skip


def used(stream: str) -> dict[str, dict[str, Any]]:
    """What Claude Code says of each model, up to the end of this run."""
    lines = [json.loads(line) for line in stream.splitlines()]
    models: dict[str, dict[str, Any]] = [line for line in lines if line["type"] == "result"][-1]["modelUsage"]
    return models


def report(workplace: Workplace, *options: str) -> dict[str, Any]:
    """What `hookmeter cost` says."""
    roots = ("--transcripts-dir", str(workplace.projects))
    command = [sys.executable, "-m", "exporter", "cost", "--json", *roots, *options]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    return found


def by(name: str, told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row[name]: row for row in told["rows"]}


def assert_agree(workplace: Workplace, truth: dict[str, dict[str, Any]]) -> None:
    """Report and page say of every model what Claude Code says."""
    rows, page = by("model", report(workplace)), workplace.page()
    assert {bare(name) for name in rows} == {bare(name) for name in truth}
    for name, told in truth.items():
        row = rows.get(name) or rows[bare(name)]
        assert {ours: row[ours] for ours in TOKENS.values()} == {ours: told[theirs] for theirs, ours in TOKENS.items()}
        written = row["cache_write_5m_tokens"] + row["cache_write_1h_tokens"]
        assert written == told["cacheCreationInputTokens"]
        assert row["cost_usd"] == pytest.approx(told["costUSD"], abs=TOLERANCE_USD), name
        assert total(page, "claude_cost_usd_total", model=row["model"]) == pytest.approx(
            told["costUSD"], abs=TOLERANCE_USD
        )
        assert total(page, "claude_tokens_total", model=row["model"], kind="output") == told["outputTokens"]
        assert total(page, "claude_api_requests_total", model=row["model"]) == row["requests"]


def bare(name: str) -> str:
    """The name as it stands in transcripts: without the window that was asked for."""
    return name.partition("[")[0]


def total(page: Samples, metric: str, **labels: str) -> float:
    return sum(value for (name, have), value in page.items() if name == metric and labels.items() <= dict(have).items())


@pytest.mark.parametrize(
    "script", ["cached", "searching", "advised", "large", "fast", "american", "family", "overloaded"]
)
def test_tokens_and_costs_are_those_of_claude_code(workplace: Workplace, script: str) -> None:
    truth = used(workplace.run(script, "--allowedTools", "Bash", "Agent", model="claude-opus-4-6"))
    assert_agree(workplace, truth)


@pytest.mark.parametrize("model", MODELS)
def test_every_models_price_is_that_of_claude_code(workplace: Workplace, model: str) -> None:
    truth = used(workplace.run("cached", model=model))
    assert_agree(workplace, truth)


def test_above_the_size_where_a_model_costs_more_it_costs_that(workplace: Workplace) -> None:
    truth = used(workplace.run("large", model="claude-haiku-5-5"))
    assert_agree(workplace, truth)
    row = by("model", report(workplace))["claude-haiku-5-5"]
    each = (150_000 * 0.5 + 567 * 2.5 + 8_910 * 0.05 + 600 * 0.625 + 400 * 1) / 1e6
    assert row["cost_usd"] == pytest.approx(row["requests"] * each, abs=TOLERANCE_USD)


def test_what_sub_agents_spend_is_put_down_to_them(workplace: Workplace) -> None:
    workplace.run("family", "--allowedTools", "Bash", "Agent", model="claude-opus-4-6")
    agents = by("agent", report(workplace, "--by", "agent"))
    requests = {name: row["requests"] for name, row in agents.items()}
    assert requests == {"main": requests["main"], "general-purpose": 3, "Explore": 2}
    page = workplace.page()
    for name, row in agents.items():
        cost = page[sample("claude_cost_usd_total", agent=name, model="claude-opus-4-6", project="shop")]
        assert cost == pytest.approx(row["cost_usd"], abs=TOLERANCE_USD)


def test_resumed_and_forked_sessions_count_their_messages_once(workplace: Workplace) -> None:
    session = str(uuid.uuid4())
    workplace.run("cached", "--session-id", session)
    workplace.run("searching", "--resume", session)
    truth = used(workplace.run("cached", "--resume", session, "--fork-session"))
    assert_agree(workplace, truth)  # it goes on from what the session had cost before


def test_a_model_without_a_price_counts_its_tokens_and_its_cost_is_unknown(workplace: Workplace) -> None:
    workplace.run("cached", model="gpt-5")
    row = by("model", report(workplace))["gpt-5"]
    assert (row["cost_usd"], row["unpriced_tokens"]) == (None, row["requests"] * (1234 + 567 + 8910 + 1000))
    page = workplace.page()
    assert page[sample("claude_unpriced_tokens_total", model="gpt-5")] == row["unpriced_tokens"]
    assert total(page, "claude_cost_usd_total") == 0


def test_costs_are_on_the_page_as_soon_as_the_transcript_has_them(workplace: Workplace) -> None:
    with workplace.metrics() as url:
        truth = used(workplace.run("cached", model="claude-opus-4-6"))
        page = samples_of(fetch(url))
    assert total(page, "claude_cost_usd_total") == pytest.approx(truth["claude-opus-4-6"]["costUSD"], abs=TOLERANCE_USD)
    assert page[sample("claude_spent_usd", period="day")] == pytest.approx(
        truth["claude-opus-4-6"]["costUSD"], abs=TOLERANCE_USD
    )


def test_transcripts_that_only_a_hook_names_are_found(workplace: Workplace) -> None:
    truth = used(workplace.run("cached", model="claude-opus-4-6"))
    page = workplace.page(transcripts_dir=workplace.directory / "nowhere")
    assert total(page, "claude_cost_usd_total") == pytest.approx(truth["claude-opus-4-6"]["costUSD"], abs=TOLERANCE_USD)
