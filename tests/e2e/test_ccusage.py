"""ccusage on the same transcripts: the same tokens and costs, and where not, what docs/costs.md says of it."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exporter.prices.table import load_prices
from exporter.reports.cost_groups import Grouping
from exporter.reports.cost_report import report as cost_report
from exporter.reports.costs import Messages, transcript_directories
from tests.e2e.test_costs import report
from tests.e2e.workplace import MODEL as WORKPLACE_MODEL
from tests.e2e.workplace import Workplace
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, user_line, write

MODEL = "claude-opus-4-6"
ROUNDING_USD = 1e-12
PER_SEARCH_USD = 0.01
AGENTS_FILE = f"{SESSION}/subagents/agent-a1.jsonl"
SPARSE = {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}


@dataclass
class Spent:
    """What one program says of one model."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    usd: float | None = 0.0

    @property
    def tokens(self) -> tuple[int, int, int, int]:
        return self.input, self.output, self.cache_read, self.cache_write


Models = dict[str, Spent]


@dataclass
class Both:
    """What both say of the same transcripts, by model, and ccusage's own totals."""

    ours: Models
    theirs: Models
    totals: dict[str, Any]

    @property
    def usd(self) -> tuple[float | None, float | None]:
        """What the one model of a test costs with us, and with them."""
        (ours,), (theirs,) = self.ours.values(), self.theirs.values()
        return ours.usd, theirs.usd

    def assert_same(self) -> None:
        assert {name: spent.tokens for name, spent in self.ours.items()} == {
            name: spent.tokens for name, spent in self.theirs.items()
        }
        for name, spent in self.ours.items():
            assert spent.usd == pytest.approx(self.theirs[name].usd, abs=ROUNDING_USD), name


Compare = Callable[..., Both]


@pytest.fixture
def compare(ccusage: str, tmp_path: Path) -> Compare:
    """Compares both on made lines of a session, and of the sub-agent that it has."""

    def made(*lines: str, agents: tuple[str, ...] = (), forked: tuple[str, ...] = ()) -> Both:
        directory = tmp_path / "projects" / SLUG
        for name, content in ((f"{SESSION}.jsonl", lines), (AGENTS_FILE, agents), ("forked.jsonl", forked)):
            if content:
                write(directory / name, *content)
        messages = Messages(load_prices())
        messages.read_projects(transcript_directories([str(tmp_path / "projects")]))
        return both(dict(cost_report(messages.all(), Grouping(("model",)), None, 0)), theirs(ccusage, tmp_path))

    return made


def theirs(ccusage: str, config: Path, report: str = "daily") -> dict[str, Any]:
    """What ccusage says of a configuration directory."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(config / "home"), "CLAUDE_CONFIG_DIR": str(config)}
    command = [ccusage, report, "--json", "--offline"]
    reported = subprocess.run(command, check=True, capture_output=True, timeout=60, env=environment)
    found: dict[str, Any] = json.loads(reported.stdout)
    return found


def both(reported: dict[str, Any], reported_by_ccusage: dict[str, Any]) -> Both:
    """The two reports, in one shape."""
    ours = {
        row["model"]: Spent(
            row["input_tokens"],
            row["output_tokens"],
            row["cache_read_tokens"],
            row["cache_write_5m_tokens"] + row["cache_write_1h_tokens"],
            row["cost_usd"],
        )
        for row in reported["rows"]
    }
    theirs: Models = {}
    for row in (row for day in reported_by_ccusage["daily"] for row in day["modelBreakdowns"]):
        spent = theirs.setdefault(row["modelName"], Spent(0, 0))
        spent.input += row["inputTokens"]
        spent.output += row["outputTokens"]
        spent.cache_read += row["cacheReadTokens"]
        spent.cache_write += row["cacheCreationTokens"]
        spent.usd = (spent.usd or 0) + row["cost"]
    return Both(ours, theirs, reported_by_ccusage["totals"])


def test_what_the_real_cli_wrote_comes_to_the_same_but_for_web_searches(workplace: Workplace, ccusage: str) -> None:
    session = str(uuid.uuid4())
    workplace.run("cached", "--session-id", session)
    workplace.run("overloaded", "--resume", session, "--allowedTools", "Bash")
    workplace.run("cached", "--resume", session, "--fork-session")
    workplace.run("family", "--allowedTools", "Bash", "Agent", model=MODEL)
    reported = report(workplace)
    compared = both(reported, theirs(ccusage, workplace.projects.parent))
    searches = {row["model"]: row["web_searches"] for row in reported["rows"]}
    assert searches == {MODEL: 6, WORKPLACE_MODEL: 0}
    for name, spent in compared.theirs.items():
        assert spent.usd is not None
        spent.usd += searches[name] * PER_SEARCH_USD
    compared.assert_same()


def test_a_message_counts_once_with_the_line_that_says_most_wherever_it_is(compare: Compare) -> None:
    lines = [
        assistant_line(1, usage(10, 1)),
        user_line(),
        assistant_line(1, usage(10, 80), second=1),
        assistant_line(1, usage(10, 40), second=2),
    ]
    compared = compare(*lines)
    compared.assert_same()
    assert compared.theirs[MODEL].output == 80


def test_a_forked_session_counts_its_messages_once(compare: Compare) -> None:
    compared = compare(assistant_line(1), forked=(assistant_line(1, sessionId=str(uuid.uuid4())), assistant_line(2)))
    compared.assert_same()
    assert compared.theirs[MODEL].input == 20


def test_sub_agents_are_in_it(compare: Compare) -> None:
    compared = compare(assistant_line(1), agents=(assistant_line(2, isSidechain=True, agentId="a1"),))
    compared.assert_same()
    assert compared.theirs[MODEL].input == 20


def test_cache_writes_of_an_hour_cost_twice_the_input(compare: Compare) -> None:
    compared = compare(assistant_line(1, usage(0, 0, five=600, hour=400)))
    compared.assert_same()
    assert compared.usd[0] == pytest.approx((600 * 6.25 + 400 * 10) / 1e6, abs=ROUNDING_USD)


def test_fast_mode_costs_the_same_and_has_a_name_of_its_own_there(compare: Compare) -> None:
    compared = compare(assistant_line(1, usage(1000, 1000, 1000, 600, 400, speed="fast")))
    compared.theirs = {name.removesuffix("-fast"): spent for name, spent in compared.theirs.items()}
    compared.assert_same()
    assert compared.usd[0] == pytest.approx(0.2295, abs=ROUNDING_USD)


def test_web_searches_cost_nothing_there(compare: Compare) -> None:
    compared = compare(assistant_line(1, usage(server_tool_use={"web_search_requests": 3})))
    assert compared.usd == pytest.approx((0.0313, 0.0013), abs=ROUNDING_USD)


def test_inference_in_the_us_is_no_dearer_there(compare: Compare) -> None:
    compared = compare(assistant_line(1, usage(1000, 1000, inference_geo="us")))
    assert compared.usd == pytest.approx((0.033, 0.030), abs=ROUNDING_USD)


@pytest.mark.parametrize(
    ("used", "expected"),
    [(usage(250_000, 1000), (1.5225, 0.915)), (usage(150_000, 1000, read=100_000), (0.9825, 0.495))],
)
def test_of_a_large_prompt_only_what_one_kind_of_token_has_above_the_size_is_dearer_there(
    compare: Compare, used: object, expected: tuple[float, float]
) -> None:
    compared = compare(assistant_line(1, used, model="claude-sonnet-4-5"))
    assert compared.usd == pytest.approx(expected, abs=ROUNDING_USD)


def test_a_model_without_a_price_costs_nothing_there_and_is_named(compare: Compare) -> None:
    compared = compare(assistant_line(1, model="claude-opus-4-60"))
    assert compared.usd == (None, 0)
    assert compared.totals["unpricedModels"] == ["claude-opus-4-60"]


@pytest.mark.parametrize(("model", "usd"), [("my-claude-opus-4-6", 0.0013), ("gpt-5", 0.0005125)])
def test_a_similar_name_and_other_makers_models_have_a_price_there(compare: Compare, model: str, usd: float) -> None:
    compared = compare(assistant_line(1, model=model))
    ours, theirs = compared.usd
    assert ours is None
    assert theirs == pytest.approx(usd, abs=ROUNDING_USD)


@pytest.mark.parametrize(
    ("name", "usd"),
    [
        ("us.anthropic.claude-opus-4-6-v1:0", 0.00143),
        ("global.anthropic.claude-opus-4-6-v1:0", 0.0013),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", 0.000858),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", 0.0039),
    ],
)
def test_a_name_on_bedrock_has_the_price_of_its_region(compare: Compare, name: str, usd: float) -> None:
    compared = compare(assistant_line(1, model=name))
    assert compared.usd == pytest.approx((usd, usd), abs=ROUNDING_USD)


def test_a_name_on_bedrock_without_a_region_has_the_price_of_any_region_there(compare: Compare) -> None:
    compared = compare(assistant_line(1, model="anthropic.claude-opus-4-6-v1:0"))
    assert compared.usd == pytest.approx((0.00143, 0.0013), abs=ROUNDING_USD)


def test_lines_of_which_neither_says_all_are_taken_together_here_and_the_larger_sum_there(compare: Compare) -> None:
    compared = compare(assistant_line(1, usage(100, 1)), assistant_line(1, usage(10, 80), second=1))
    assert compared.ours[MODEL].tokens == (100, 80, 0, 0)
    assert compared.theirs[MODEL].tokens == (100, 1, 0, 0)


def test_the_main_agents_line_counts_there_where_a_sub_agent_repeats_its_message(compare: Compare) -> None:
    compared = compare(assistant_line(1), agents=(assistant_line(1, usage(10, 500), isSidechain=True, agentId="a1"),))
    assert compared.ours[MODEL].output == 500
    assert compared.theirs[MODEL].output == 50


def test_a_message_that_a_sub_agent_repeats_for_another_request_is_another_one_here(compare: Compare) -> None:
    compared = compare(
        assistant_line(1), agents=(assistant_line(1, isSidechain=True, agentId="a1", requestId="req_again"),)
    )
    assert compared.ours[MODEL].output == 100
    assert compared.theirs[MODEL].output == 50


def test_what_claude_code_says_itself_is_in_the_totals_there_and_of_no_model(compare: Compare) -> None:
    compared = compare(assistant_line(1, model="<synthetic>"))
    assert (compared.ours, compared.theirs) == ({}, {})
    assert compared.totals["totalTokens"] == 60


def test_an_advisor_is_counted_for_its_model(compare: Compare) -> None:
    advice = {**SPARSE, "type": "advisor_message", "model": "claude-opus-5", "input_tokens": 100, "output_tokens": 7}
    own = {**SPARSE, "type": "message", "input_tokens": 10, "output_tokens": 50}
    compared = compare(assistant_line(1, usage(10, 50, iterations=[own, advice])))
    assert compared.ours["claude-opus-5"].tokens == compared.theirs["claude-opus-5"].tokens == (100, 7, 0, 0)


def test_a_cost_that_a_line_of_an_old_version_names_is_believed_there(compare: Compare) -> None:
    compared = compare(assistant_line(1, costUSD=7.5))
    assert compared.usd == pytest.approx((0.0013, 7.5), abs=ROUNDING_USD)


@pytest.mark.parametrize(
    "line",
    [
        assistant_line(1, timestamp=None),
        assistant_line(1, requestId=None),
        assistant_line(1).replace("so be it", r"\udc90"),
        assistant_line(1).replace('"usage":{', '"usage": {', 1),
    ],
)
def test_lines_that_are_written_otherwise_are_passed_over_there(compare: Compare, line: str) -> None:
    compared = compare(line)
    assert compared.ours[MODEL].tokens == (10, 50, 0, 0)
    assert compared.theirs == {}


def test_a_line_that_the_model_did_not_say_counts_there_if_it_has_usage(compare: Compare) -> None:
    compared = compare(assistant_line(1, type="progress"))
    assert compared.ours == {}
    assert compared.theirs[MODEL].tokens == (10, 50, 0, 0)
