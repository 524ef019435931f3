"""The user's own prices."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from exporter.model.records import NOT_ITEMIZED, Usage
from exporter.prices.table import Cost, PriceTable, load_prices
from tests.exporter.prices.messages import dollars, message, rates

THOUSAND = 1_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "prices.json"


def own(path: Path, **models: object) -> PriceTable:
    path.write_text(json.dumps({"models": models}))
    return load_prices(path)


def test_a_model_that_is_not_in_the_table_gets_a_price(path: Path) -> None:
    prices = own(path, **{"glm-4.6": {"input": 0.6, "output": 2.2, "cache_read": 0.11}})
    assert rates(prices, "glm-4.6") == (0.6, 2.2)
    assert rates(prices, "z-ai/GLM-4.6") == (0.6, 2.2)
    assert rates(load_prices(), "glm-4.6") is None


def test_an_own_price_overrides_that_of_its_model_only(path: Path) -> None:
    prices = own(path, **{"claude-opus-4-6": {"input": 3, "output": 15}})
    assert rates(prices, "claude-opus-4-6") == (3, 15)
    assert rates(prices, "claude-opus-4-7") == (5, 25)


@pytest.mark.parametrize(
    "name",
    [
        "claude-haiku-4-5-20251001",
        "claude-haiku-4-5@20251001",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic/claude-haiku-4-5[1m]",
    ],
)
def test_an_own_price_applies_in_every_notation_of_the_name(path: Path, name: str) -> None:
    assert rates(own(path, **{"claude-haiku-4-5": {"input": 2, "output": 7}}), name) == (2, 7)
    assert rates(own(path, **{name: {"input": 2, "output": 7}}), name) == (2, 7)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("names", "longer"),
    [
        (("claude-haiku-4-5", "us.anthropic.claude-haiku-4-5"), "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        (("claude-haiku-4-5", "claude-haiku-4-5-20251001"), "eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
        (("claude-haiku-4-5", "claude-haiku-4-5@20251001"), "vertex_ai/claude-haiku-4-5@20251001"),
        (("claude-haiku-4-5", "claude-haiku-4-5[1m]"), "claude-haiku-4-5[1M]"),
        (("us.anthropic.claude-haiku-4-5", "gate/us.anthropic.claude-haiku-4-5"), "gate/us.anthropic.claude-haiku-4-5"),
        (("glm-4.6", "z-ai/glm-4.6"), "Z-AI/GLM-4.6"),
    ],
)
def test_each_price_is_that_of_its_own_name_in_any_order(
    path: Path, names: tuple[str, str], longer: str, order: int
) -> None:
    plain, special = names
    given = [(plain, {"input": 2, "output": 7}), (special, {"input": 3, "output": 8})]
    prices = own(path, **dict(given[::order]))
    assert [rates(prices, name) for name in (plain, special, longer)] == [(2, 7), (3, 8), (3, 8)]


@pytest.mark.parametrize(
    "name", ["eu.anthropic.claude-opus-4-5", "claude-opus-4-5-20251101", "openrouter/claude-opus-4-5"]
)
def test_a_price_of_a_longer_name_leaves_the_others_at_the_list_price(path: Path, name: str) -> None:
    prices = own(path, **{name: {"input": 9, "output": 9}})
    others = ("claude-opus-4-5", "claude-opus-4-5@20251101", "global.anthropic.claude-opus-4-5")
    assert [rates(prices, other) for other in (name, *others)] == [(9, 9), (5, 25), (5, 25), (5, 25)]
    assert rates(prices, "us.anthropic.claude-opus-4-5") == (5.5, 27.5)


def test_a_price_under_a_name_with_a_window_also_applies_without_it(path: Path) -> None:
    prices = own(path, **{"claude-opus-4-6[1m]": {"input": 3, "output": 15}})
    assert rates(prices, "claude-opus-4-6") == rates(prices, "claude-opus-4-6[1m]") == (3, 15)


def test_an_own_price_of_a_dated_name_applies_to_no_other_date(path: Path) -> None:
    undated, dated = {"input": 2, "output": 7}, {"input": 3, "output": 8}
    prices = own(path, **{"claude-haiku-4-5": undated, "claude-haiku-4-5-20251001": dated})
    assert rates(prices, "claude-haiku-4-5-20251001") == (3, 8)
    assert rates(prices, "claude-haiku-4-5-20260101") == (2, 7)
    assert rates(prices, "claude-haiku-4-5") == (2, 7)


@pytest.mark.parametrize("name", ["deep-v3", "deep-20251001", "deeper", "deep-4", "my-deep"])
def test_an_own_price_is_never_that_of_a_similar_name(path: Path, name: str) -> None:
    assert rates(own(path, deep={"input": 2, "output": 7}), name) is None


def test_an_own_price_applies_to_every_date_size_and_speed(path: Path) -> None:
    prices = own(path, **{"claude-opus-4-6": {"input": 3, "output": 15}})
    large = Usage(300_000, 1_000)
    assert dollars(prices, message("claude-opus-4-6", large, fast=True)) == Decimal("0.915")


@pytest.mark.parametrize("absent", ["cache_read", "cache_write_5m", "cache_write_1h"])
def test_a_missing_cache_price_is_that_of_input(path: Path, absent: str) -> None:
    given = {"input": 4, "output": 9, "cache_read": 1, "cache_write_5m": 5, "cache_write_1h": 6}
    del given[absent]
    cost = own(path, glm=given).cost(message("glm", Usage(**{absent: THOUSAND})))
    assert cost == (4 * THOUSAND * 1_000_000, 0, 0)


def test_web_searches_have_their_own_price_or_the_usual_one(path: Path) -> None:
    prices = own(path, dear={"input": 1, "output": 1, "web_search": 25}, usual={"input": 1, "output": 1})
    found = [dollars(prices, message(model, Usage(web_searches=2))) for model in ("dear", "usual")]
    assert found == [Decimal("0.05"), Decimal("0.02")]


def test_searches_in_no_message_have_the_usual_price_where_the_model_has_none(path: Path) -> None:
    path.write_text('{"multiplier": 0.5}')
    searched = replace(message("unheard-of", Usage(web_searches=2)), agent=NOT_ITEMIZED)
    assert [dollars(prices, searched) for prices in (load_prices(), load_prices(path))] == [
        Decimal("0.02"), Decimal("0.01"),
    ]  # fmt: skip
    used_tokens = replace(searched, usage=Usage(1, web_searches=2))
    assert [dollars(load_prices(), one) for one in (used_tokens, message("unheard-of", Usage(web_searches=2)))] == [
        None, None,
    ]  # fmt: skip


def test_unusual_cache_prices_have_no_negative_savings_or_premium(path: Path) -> None:
    prices = own(path, glm={"input": 4, "output": 9, "cache_read": 5, "cache_write_5m": 3, "cache_write_1h": 3})
    assert prices.cost(message("glm", Usage(0, 0, 10, 10, 10))) == Cost(110_000_000, 0, 0)


@pytest.mark.parametrize("price", ["0", "0.00001", "0.12345", "1e-5", "0.500000", "999999.99999", "1e6"])
def test_a_price_is_not_rounded(path: Path, price: str) -> None:
    path.write_text(f'{{"models":{{"glm":{{"input":{price},"output":1}}}}}}')
    cost = load_prices(path).cost(message("glm", Usage(1), us_inference=True))
    assert cost
    assert cost.total == Decimal(price) * 1_100_000


@pytest.mark.parametrize("models", [None, {}, {"claude-opus-4-7": {"input": 10, "output": 20, "web_search": 20}}])
def test_a_multiplier_applies_to_every_price(path: Path, models: dict[str, object] | None) -> None:
    path.write_text(json.dumps({"multiplier": 0.85, **({} if models is None else {"models": models})}))
    prices, listed = load_prices(path), load_prices()
    usage = Usage(10, 20, 300, 4_000, 5_000, 6)
    for name, fast, us in [("claude-opus-4-6", True, True), ("us.anthropic.claude-sonnet-5", False, False)]:
        plain, found = (table.cost(message(name, usage, fast=fast, us_inference=us)) for table in (listed, prices))
        assert plain
        assert found == Cost._make(amount * 85 // 100 for amount in plain)
    expected = (8.5, 17.0) if models else (4.25, 21.25)
    assert rates(prices, "claude-opus-4-7") == expected
    searched = message("claude-opus-4-7", Usage(web_searches=2))
    assert dollars(prices, searched) == (Decimal("0.034") if models else Decimal("0.017"))


@pytest.mark.parametrize(
    ("multiplier", "tokens", "expected"),
    [
        ("0.0000005", 1, 0),  # 0.5 picodollars
        ("0.0000005", 3, 2),  # 1.5
        ("0.0000005", 5, 2),  # 2.5
        ("0.333333333", 1, 333_333),
        ("0.333333334", 2_000_000, 666_666_668_000),
        ("10", 7, 70_000_000),
    ],
)
def test_a_multiplied_cost_is_rounded_once_for_each_message_half_to_even(
    path: Path, multiplier: str, tokens: int, expected: int
) -> None:
    path.write_text(f'{{"multiplier": {multiplier}, "models": {{"glm": {{"input": 1, "output": 1}}}}}}')
    cost = load_prices(path).cost(message("glm", Usage(tokens)))
    assert cost
    assert cost.total == expected
    assert all(type(amount) is int for amount in cost)
