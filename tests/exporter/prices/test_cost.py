"""The cost of a message, compared with the prices that Anthropic publishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exporter.model.records import Usage
from exporter.prices.table import Cost, load_prices
from tests.exporter.prices.messages import dollars, message

PRICES = load_prices()
THOUSAND = 1_000
KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
PUBLISHED = {  # US dollars per million tokens of each kind, typed from the public price list
    "claude-sonnet-4-5": ("3", "15", "0.30", "3.75", "6"),
    "claude-sonnet-4": ("3", "15", "0.30", "3.75", "6"),
    "claude-opus-4-1": ("15", "75", "1.50", "18.75", "30"),
    "claude-opus-4-5": ("5", "25", "0.50", "6.25", "10"),
    "claude-haiku-4-5": ("1", "5", "0.10", "1.25", "2"),
    "claude-3-5-haiku": ("0.80", "4", "0.08", "1", "1.60"),
}
# The day from which large prompts cost no more.
LEVELLED = datetime(2026, 3, 13, tzinfo=UTC)
BEFORE, TICK = LEVELLED - timedelta(days=9), timedelta(microseconds=1)
SEARCHED = Usage(web_searches=3)


@pytest.mark.parametrize("model", PUBLISHED)
def test_each_kind_of_token_has_its_published_price(model: str) -> None:
    found = [dollars(PRICES, message(model, Usage(**{kind: THOUSAND}))) for kind in KINDS]
    assert found == [Decimal(price) / THOUSAND for price in PUBLISHED[model]]


def test_the_parts_of_a_message_add_up() -> None:
    usage = Usage(1, 20, 300, 4_000, 50_000, 6)
    expected = 1 * 3_000_000 + 20 * 15_000_000 + 300 * 300_000 + 4_000 * 3_750_000 + 50_000 * 6_000_000
    cost = PRICES.cost(message("claude-sonnet-4-5", usage))
    assert cost == Cost(expected + 60_000_000_000, 300 * 2_700_000, 4_000 * 750_000 + 50_000 * 3_000_000)
    assert all(type(amount) is int for amount in cost)


@pytest.mark.parametrize("model", [*PUBLISHED, "claude-3-opus"])
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("us_inference", [False, True])
def test_a_web_search_is_one_cent_in_every_mode(model: str, fast: bool, us_inference: bool) -> None:
    assert dollars(PRICES, message(model, SEARCHED, fast=fast, us_inference=us_inference)) == Decimal("0.03")


@pytest.mark.parametrize(
    ("model", "usage", "expected"),
    [
        ("claude-sonnet-4-5", Usage(200_000, 1_000), 200_000 * 3_000_000 + 1_000 * 15_000_000),
        ("claude-sonnet-4-5", Usage(200_001, 1_000), 200_001 * 6_000_000 + 1_000 * 22_500_000),
        ("claude-sonnet-4-5", Usage(1, cache_read=199_999), 3_000_000 + 199_999 * 300_000),
        ("claude-sonnet-4-5", Usage(1, cache_read=200_000), 6_000_000 + 200_000 * 600_000),
        ("claude-sonnet-4-5", Usage(1, cache_write_5m=200_000), 6_000_000 + 200_000 * 7_500_000),
        ("claude-sonnet-4-5", Usage(1, cache_write_1h=200_000), 6_000_000 + 200_000 * 12_000_000),
        ("claude-sonnet-4-5", Usage(1, 300_000), 3_000_000 + 300_000 * 15_000_000),
        ("claude-haiku-5-5", Usage(100_000, 1_000), 100_000 * 100_000 + 1_000 * 500_000),
        ("claude-haiku-5-5", Usage(100_001, 1_000), 100_001 * 500_000 + 1_000 * 2_500_000),
        ("claude-haiku-4-5", Usage(900_000, 1_000), 900_000 * 1_000_000 + 1_000 * 5_000_000),
    ],
)
def test_a_prompt_above_the_threshold_costs_more_for_all_of_the_message(
    model: str, usage: Usage, expected: int
) -> None:
    cost = PRICES.cost(message(model, usage))
    assert cost
    assert cost.total == expected


def test_cache_savings_and_premiums_use_the_rates_of_the_prompt_size() -> None:
    cost = PRICES.cost(message("claude-sonnet-4-5", Usage(0, 0, 200_000, 1_000, 1_000)))
    assert cost
    assert cost[1:] == (200_000 * 5_400_000, 1_000 * 1_500_000 + 1_000 * 6_000_000)


def test_each_request_of_a_message_has_the_price_of_its_own_prompt() -> None:
    small, large = Usage(150_000, 10), Usage(200_001, 10)
    both = Usage(350_001, 20)
    low, high = 150_000 * 3_000_000 + 10 * 15_000_000, 200_001 * 6_000_000 + 10 * 22_500_000
    for usage, parts, expected in [
        (Usage(300_000, 20), (small, small), 2 * low),
        (both, (small, large), low + high),
        (both, (), 350_001 * 6_000_000 + 20 * 22_500_000),
    ]:
        cost = PRICES.cost(message("claude-sonnet-4-5", usage, parts=parts))
        assert cost
        assert cost.total == expected


def test_requests_and_web_searches_are_not_counted_twice() -> None:
    usage = Usage(20, 0, 40, 0, 0, 3)
    parts = Usage(10, 0, 40), Usage(10)
    for model in "claude-sonnet-4-5", "claude-haiku-4-5":
        assert PRICES.cost(message(model, usage, parts=parts)) == PRICES.cost(message(model, usage))


@pytest.mark.parametrize(
    ("at", "price"),
    [(datetime(1969, 1, 1, tzinfo=UTC), 10), (BEFORE, 10), (LEVELLED - TICK, 10), (LEVELLED, 5), (LEVELLED + TICK, 5)],
)
def test_a_message_has_the_price_of_its_date(at: datetime, price: int) -> None:
    large = message("claude-opus-4-6", Usage(200_001), at=at)
    assert dollars(PRICES, large) == Decimal(200_001 * price) / 1_000_000
    assert dollars(PRICES, message("claude-opus-4-6", Usage(200_000), at=at)) == 1


@pytest.mark.parametrize("at", [BEFORE, LEVELLED])
@pytest.mark.parametrize(
    ("model", "prices"),
    [
        ("claude-opus-4-6", ("30", "150", "3", "37.5", "60")),
        ("claude-opus-5-5", ("8", "40", "0.40", "10", "16")),
        ("claude-opus-4-5", PUBLISHED["claude-opus-4-5"]),  # has no fast mode
    ],
)
@pytest.mark.parametrize("tokens", [1_000, 1_000_000])
def test_fast_mode_has_its_own_price_for_prompts_of_every_size(
    model: str, prices: tuple[str, ...], at: datetime, tokens: int
) -> None:
    found = [dollars(PRICES, message(model, Usage(**{kind: tokens}), at=at, fast=True)) for kind in KINDS]
    assert found == [Decimal(price) * tokens / 1_000_000 for price in prices]


@pytest.mark.parametrize(
    ("model", "fast"), [("claude-sonnet-4-5", False), ("claude-opus-4-6", True), ("claude-3-5-haiku", False)]
)
@pytest.mark.parametrize("tokens", [1, 7, 200_001])
def test_inference_in_the_us_costs_10_percent_more_except_searches(model: str, fast: bool, tokens: int) -> None:
    usage = Usage(tokens, tokens, tokens, tokens, tokens)
    plain = PRICES.cost(message(model, usage, fast=fast))
    regional = PRICES.cost(
        message(model, Usage(tokens, tokens, tokens, tokens, tokens, 3), fast=fast, us_inference=True)
    )
    assert plain
    assert regional
    assert [amount * 10 for amount in (regional.total - 30_000_000_000, *regional[1:])] == [each * 11 for each in plain]


def test_an_unused_cache_has_no_savings_and_no_premium() -> None:
    assert PRICES.cost(message("claude-sonnet-4-5", Usage(10, 50))) == Cost(780_000_000, 0, 0)
