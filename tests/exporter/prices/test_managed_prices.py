"""The organization's prices: what Claude Code 2.1.332 reported for these settings, names and usages."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from exporter.model.money import PICODOLLARS
from exporter.model.records import Usage
from exporter.prices.table import Cost, load_prices
from tests.exporter.prices.managed import RATES, managed
from tests.exporter.prices.messages import dollars, message, rates

MODEL = "claude-sonnet-5"
USAGE = Usage(1_234, 777, 54_321, 1_000, 2_000, 3)
TOLERANCE = Decimal("1e-12")
DEAR = {"input": 1_000, "output": 0, "cacheRead": 0, "cacheWrite": 0}


@pytest.mark.parametrize(
    ("pricing", "us_inference", "reported"),
    [
        ({}, False, "0.0616022"),
        ({}, True, "0.06476242"),
        ({"multiplier": 0.85}, False, "0.05236187"),
        ({"multiplier": 0.85}, True, "0.055048057"),
        ({"overrides": {MODEL: RATES}}, False, "0.049996296235269"),
        ({"overrides": {MODEL: RATES}}, True, "0.049996296235269"),
        ({"multiplier": 0.85, "overrides": {MODEL: RATES}}, False, "0.04249685179997865"),
        ({"multiplier": 0.85, "overrides": {"claude-opus-5": RATES}}, False, "0.05236187"),
    ],
)
def test_costs_are_those_of_claude_code(
    tmp_path: Path, pricing: dict[str, object], us_inference: bool, reported: str
) -> None:
    cost = managed(tmp_path, **pricing).cost(message(MODEL, USAGE, us_inference=us_inference))
    assert cost
    assert abs(Decimal(cost.total) / PICODOLLARS - Decimal(reported)) <= TOLERANCE
    assert all(type(amount) is int for amount in cost)


def test_an_override_applies_as_written_in_fast_mode_and_to_every_size(tmp_path: Path) -> None:
    prices = managed(tmp_path, overrides={"claude-haiku-5-5": RATES, "claude-opus-4-6": RATES})
    large = Usage(1_000_000, 1_000)
    for model, fast in [("claude-haiku-5-5", False), ("claude-opus-4-6", True)]:
        assert dollars(prices, message(model, large, fast=fast)) == Decimal("1.507")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("claude-haiku-4-5", "anthropic/claude-haiku-4-5"),
        ("claude-haiku-4-5", "claude-haiku-4-5-20260101"),
        ("claude-haiku-4-5", "claude-haiku-4-5@20251001"),
        ("claude-haiku-4-5", "claude-haiku-4.5"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("anthropic.claude-haiku-4-5", "claude-haiku-4-5"),
        ("Claude-Haiku-4-5[1m]", "claude-haiku-4-5"),
        ("claude-sonnet-4", "claude-sonnet-4-20250514"),
        ("claude-sonnet-4-0", "claude-sonnet-4-20250514"),
        ("us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("eu.anthropic.claude-opus-4-6-v1", "us.anthropic.claude-opus-4-6-v1"),
        ("jp.anthropic.claude-opus-5-5", "claude-opus-5-5"),
    ],
)
def test_a_name_that_claude_code_itself_uses_covers_every_name_of_the_model(
    tmp_path: Path, key: str, name: str
) -> None:
    assert rates(managed(tmp_path, overrides={key: DEAR}), name) == (1_000, 0)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("claude-haiku-4-5-20260101", "claude-haiku-4-5"),
        ("in.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("us.anthropic.claude-haiku-4-5", "claude-haiku-4-5"),
        ("anthropic/claude-haiku-4-5", "claude-haiku-4-5"),
        ("claude-haiku-4-5-latest", "claude-haiku-4-5"),
        ("claude-4-5-haiku", "claude-haiku-4-5"),
        ("claude-haiku-4.5", "claude-haiku-4-5"),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"),
        ("claude-opus-4-6-v1", "claude-opus-4-6"),
        ("us.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("glm-4.6", "z-ai/glm-4.6"),
    ],
)
def test_any_other_name_covers_itself_alone(tmp_path: Path, key: str, name: str) -> None:
    prices = managed(tmp_path, overrides={key: DEAR})
    assert rates(prices, key.upper()) == (1_000, 0)
    assert rates(prices, name) == rates(load_prices(), name)


@pytest.mark.parametrize("order", [1, -1])
def test_an_override_of_a_name_takes_precedence_over_that_of_its_model(tmp_path: Path, order: int) -> None:
    overrides = [("claude-haiku-4-5", DEAR), ("gate/claude-haiku-4-5", {**DEAR, "input": 3})]
    prices = managed(tmp_path, overrides=dict(overrides[::order]))
    names = ("gate/claude-haiku-4-5", "claude-haiku-4-5", "other/claude-haiku-4-5")
    assert [rates(prices, name) for name in names] == [(3, 0), (1_000, 0), (1_000, 0)]


def test_of_two_names_of_one_model_the_first_covers_the_others(tmp_path: Path) -> None:
    other = {**DEAR, "input": 3}
    prices = managed(tmp_path, overrides={"claude-haiku-4-5": DEAR, "claude-haiku-4-5-20251001": other})
    assert rates(prices, "claude-haiku-4-5@20251001") == (1_000, 0)
    assert rates(prices, "claude-haiku-4-5-20251001") == (3, 0)


def test_an_organization_is_charged_for_one_region_at_list_prices_only(tmp_path: Path) -> None:
    prices = managed(tmp_path, multiplier=0.5, overrides={"claude-opus-5": DEAR})
    assert rates(prices, "us.anthropic.claude-sonnet-5") == (1.1, 5.5)
    assert rates(prices, "us.anthropic.claude-opus-5") == (500, 0)


def test_own_prices_take_precedence(tmp_path: Path) -> None:
    own = {"models": {"claude-opus-5": {"input": 3, "output": 4}}}
    pricing = {"multiplier": 0.5, "overrides": {"claude-opus-5": DEAR, "claude-haiku-4-5": DEAR}}
    names = ("claude-opus-5", "claude-haiku-4-5", "claude-sonnet-5")
    prices = managed(tmp_path, own, **pricing)
    assert [rates(prices, name) for name in names] == [(3, 4), (500, 0), (1, 5)]
    multiplied = managed(tmp_path, {**own, "multiplier": 0.25}, **pricing)
    assert [rates(multiplied, name) for name in names] == [(0.75, 1), (250, 0), (0.5, 2.5)]


def test_what_cache_reads_save_is_multiplied_too(tmp_path: Path) -> None:
    cost = managed(tmp_path, multiplier=0.5).cost(message(MODEL, Usage(0, 0, 1_000, 1_000)))
    assert cost == Cost(1_350_000_000, 900_000_000, 250_000_000)
    override = managed(tmp_path, overrides={MODEL: RATES}).cost(message(MODEL, Usage(0, 0, 1_000, 1_000)))
    assert override == Cost(2_123_456_789, 1_376_543_211, 500_000_000)
