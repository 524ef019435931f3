"""The model of a name, in every notation, and never that of a similar name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exporter.model.records import Usage
from exporter.prices.names import bare_name
from exporter.prices.table import load_prices
from tests.exporter.prices.messages import dollars, message, rates

PRICES = load_prices()
OPUS_4, OPUS_4_6, OPUS_5_5, SONNET, HAIKU_4_5 = (15, 75), (5, 25), (4, 20), (3, 15), (1, 5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-sonnet-4-5", SONNET),
        ("claude-sonnet-4-5-20250929", SONNET),
        ("claude-sonnet-4-20250514", SONNET),
        ("claude-haiku-4-5-20251001", HAIKU_4_5),
        ("claude-opus-4-1-20250805", OPUS_4),
        ("claude-opus-4-20250514", OPUS_4),
        ("claude-opus-4-0", OPUS_4),
        ("claude-opus-4-6-latest", OPUS_4_6),
        ("claude-opus-5-5-20260922", OPUS_5_5),
    ],
)
def test_a_name_may_have_a_date(name: str, expected: tuple[int, int]) -> None:
    assert rates(PRICES, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", SONNET),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", HAIKU_4_5),
        ("apac.anthropic.claude-sonnet-4-20250514-v1:0", SONNET),
        ("us-gov.anthropic.claude-3-5-sonnet-20240620-v1:0", SONNET),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", SONNET),
        ("anthropic.claude-3-sonnet-20240229-v1:0:28k", SONNET),
        ("global.anthropic.claude-opus-4-6-v1", OPUS_4_6),
        ("global.anthropic.claude-opus-5-5", OPUS_5_5),
        ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-20250514-v1:0", OPUS_4),
    ],
)
def test_bedrock_adds_a_region_before_and_a_version_after(name: str, expected: tuple[int, int]) -> None:
    assert rates(PRICES, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-sonnet-4-5@20250929", SONNET),
        ("claude-sonnet-4@20250514", SONNET),
        ("claude-opus-4@20250514", OPUS_4),
        ("claude-3-opus@20240229", OPUS_4),
        ("claude-3-5-sonnet-v2@20241022", SONNET),
        ("claude-opus-5-5@20260922", OPUS_5_5),
        ("claude-opus-4-6@default", OPUS_4_6),
    ],
)
def test_vertex_separates_the_date_by_an_at_sign(name: str, expected: tuple[int, int]) -> None:
    assert rates(PRICES, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("anthropic/claude-sonnet-4-5", SONNET),
        ("anthropic/claude-sonnet-4.5", SONNET),
        ("openrouter/anthropic/claude-opus-4.6", OPUS_4_6),
        ("vertex_ai/claude-opus-4-1@20250805", OPUS_4),
        ("bedrock/global.anthropic.claude-haiku-4-5-20251001-v1:0", HAIKU_4_5),
    ],
)
def test_a_gateway_adds_a_provider_before(name: str, expected: tuple[int, int]) -> None:
    assert rates(PRICES, name) == expected


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("claude-opus-4-6[1m]", "claude-opus-4-6"),
        ("claude-opus-4-6[1M]", "claude-opus-4-6"),
        ("global.anthropic.claude-opus-4-6-v1[1m]", "claude-opus-4-6-v1"),
        ("anthropic/claude-opus-4-6-20260205[1m]", "claude-opus-4-6-20260205"),
        (" Claude-Opus-4-6\n", "claude-opus-4-6"),
    ],
)
def test_the_requested_window_and_capitals_are_not_part_of_a_name(name: str, bare: str) -> None:
    assert bare_name(name) == bare
    assert rates(PRICES, name) == OPUS_4_6


@pytest.mark.parametrize(
    "name",
    [
        "claude-opus-9",
        "claude-opus-4-60",
        "claude-opus-4-10",
        "claude-sonnet-4-55",
        "claude-sonnet-4-55-20290101",
        "us.anthropic.claude-opus-9-20290101-v1:0",
        "claude-opus-9@20290101",
        "claude-opus-5-50",
        "claude-opus-50",
        "claude-2.10",
        "claude-21",
        "claude-haiku-4",
    ],
)
def test_a_model_that_is_newer_than_the_table_has_no_price(name: str) -> None:
    assert PRICES.cost(message(name, Usage(10, 50))) is None


@pytest.mark.parametrize(
    "name",
    [
        "my-claude-sonnet-4-5",
        "not anthropic.claude-sonnet-4-5",
        "claude-sonnet-4-5-mini",
        "claude-sonnet-4-5-fast",
        "claude-sonnet-4-5x",
        "claude-sonnet-4-5-2025092",
        "claude-sonnet-4-5-202509290",
        "claude-sonnet-4-5[1m]-mini",
        "anthropic/claude-sonnet-4-5/eu",
        "claude-sonnet",
        "claude-",
        "sonnet",
        "gpt-5",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3",
        "<synthetic>",
        "",
        " ",
    ],
)
def test_a_similar_or_empty_name_has_no_price(name: str) -> None:
    assert PRICES.cost(message(name, Usage(10, 50))) is None


def test_an_unknown_name_is_unpriced_even_without_usage() -> None:
    assert dollars(PRICES, message("claude-opus-9", Usage())) is None
    assert dollars(PRICES, message("claude-opus-4-6", Usage())) == Decimal(0)
