"""Names that ask for inference in one region: since Claude 4.5 it costs 10% more, as Amazon and Google charge it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exporter.model.records import Usage
from exporter.prices.names import region
from exporter.prices.table import Cost, load_prices
from tests.exporter.prices.messages import dollars, message, rates

PRICES = load_prices()
USAGE = Usage(10, 20, 300, 4_000, 50_000)
NEW = ("claude-sonnet-5", "claude-opus-4-6", "claude-haiku-5-5", "claude-mythos-5-1", "claude-opus-4-5-20251101")
OLD = ("claude-sonnet-4-20250514", "claude-opus-4-1-20250805", "claude-3-5-haiku-20241022", "claude-3-opus-20240229")
IN_ONE_REGION = (
    "us.anthropic.{}",
    "eu.anthropic.{}-v1:0",
    "apac.anthropic.{}",
    "jp.anthropic.{}",
    "au.anthropic.{}",
    "in.anthropic.{}",
    "ca.anthropic.{}",
    "us-gov.anthropic.{}-v1",
    "anthropic.{}",
    "US.Anthropic.{}[1m]",
    "bedrock/us.anthropic.{}",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.{}-v1:0",
    "arn:aws:bedrock:us-east-1::foundation-model/anthropic.{}-v1:0",
    "projects/shop/locations/europe-west1/publishers/anthropic/models/{}",
)
ANYWHERE = (
    "{}",
    "global.anthropic.{}",
    "Global.anthropic.{}-v1:0[1m]",
    "anthropic/{}",
    "openrouter/anthropic/{}",
    "vertex_ai/{}",
    "us/{}",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.{}-v1:0",
    "projects/shop/locations/global/publishers/anthropic/models/{}",
)


@pytest.mark.parametrize("name", IN_ONE_REGION)
@pytest.mark.parametrize("model", NEW)
def test_inference_in_one_region_costs_10_percent_more(model: str, name: str) -> None:
    plain, regional = (PRICES.cost(message(each, USAGE)) for each in (model, name.format(model)))
    assert plain
    assert regional == Cost._make(amount * 11 // 10 for amount in plain)


@pytest.mark.parametrize(("model", "name"), [(model, name) for model in OLD for name in IN_ONE_REGION])
def test_older_models_cost_the_same_in_every_region(model: str, name: str) -> None:
    assert PRICES.cost(message(name.format(model), USAGE)) == PRICES.cost(message(model, USAGE))


@pytest.mark.parametrize("name", ANYWHERE)
@pytest.mark.parametrize("model", [*NEW, *OLD])
def test_other_names_have_the_list_price(model: str, name: str) -> None:
    assert PRICES.cost(message(name.format(model), USAGE)) == PRICES.cost(message(model, USAGE))


def test_inference_in_the_us_is_charged_once() -> None:
    regional = message("us.anthropic.claude-sonnet-5", Usage(1_000_000))
    assert dollars(PRICES, regional) == Decimal("2.2")
    assert dollars(PRICES, message(regional.model, regional.usage, us_inference=True)) == Decimal("2.2")


def test_web_searches_cost_the_same_in_every_region() -> None:
    assert dollars(PRICES, message("us.anthropic.claude-sonnet-5", Usage(web_searches=3))) == Decimal("0.03")


def test_a_large_prompt_has_its_higher_price_in_one_region_too() -> None:
    assert rates(PRICES, "eu.anthropic.claude-haiku-5-5") == (0.11, 0.55)
    assert dollars(PRICES, message("eu.anthropic.claude-haiku-5-5", Usage(200_000))) == Decimal("0.11")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("us.anthropic.claude-opus-5-v1:0", "us"),
        ("EU.Anthropic.claude-opus-5[1m]", "eu"),
        ("us-gov.anthropic.claude-opus-5", "us-gov"),
        ("global.anthropic.claude-opus-5", "global"),
        ("bedrock/jp.anthropic.claude-opus-5", "jp"),
        ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-opus-5-v1:0", "eu"),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-opus-5-v1:0", "us-gov-west-1"),
        ("projects/shop/locations/europe-west1/publishers/anthropic/models/claude-opus-5", "europe-west1"),
        ("anthropic.claude-opus-5", ""),
        ("openrouter/anthropic/claude-opus-5", ""),
        ("claude-opus-5", ""),
    ],
)
def test_a_name_on_bedrock_or_vertex_may_have_a_region(name: str, expected: str) -> None:
    assert region(name) == expected
