"""The user's own prices."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from exporter.model.records import Usage
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


def test_unusual_cache_prices_have_no_negative_savings_or_premium(path: Path) -> None:
    prices = own(path, glm={"input": 4, "output": 9, "cache_read": 5, "cache_write_5m": 3, "cache_write_1h": 3})
    assert prices.cost(message("glm", Usage(0, 0, 10, 10, 10))) == Cost(110_000_000, 0, 0)


@pytest.mark.parametrize("price", ["0", "0.00001", "0.12345", "1e-5", "0.500000", "999999.99999", "1e6"])
def test_a_price_is_not_rounded(path: Path, price: str) -> None:
    path.write_text(f'{{"models":{{"glm":{{"input":{price},"output":1}}}}}}')
    cost = load_prices(path).cost(message("glm", Usage(1), us_inference=True))
    assert cost
    assert cost.total == Decimal(price) * 1_100_000
