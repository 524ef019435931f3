"""The cost of messages of every model in the table, compared with sums over the table's JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from exporter.model.records import Usage
from exporter.prices.table import load_prices
from tests.exporter.prices.messages import dollars, message
from tools.generate_prices import TABLE

PRICES = load_prices()
MODELS: dict[str, dict[str, Any]] = json.loads(TABLE.read_bytes())["models"]
LEVELLED = datetime(2026, 3, 13, tzinfo=UTC)

COUNTS = st.one_of(st.integers(0, 9), st.integers(0, 2_000_000), st.sampled_from([99_999, 100_000, 199_999, 200_000]))
USAGES = st.builds(Usage, *[COUNTS] * 5, st.integers(0, 9))
TIMES = st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def expected(entry: dict[str, Any], requests: list[Usage], at: datetime, fast: bool, us_inference: bool) -> Decimal:
    """The cost in dollars by the rules of docs/costs.md."""
    if fast and "fast" in entry:
        price = {"rates": entry["fast"]}
    else:
        day = at.date().isoformat()
        price = [dated for dated in entry["prices"] if (dated["from"] or "") <= day][-1]
    total = sum((_tokens(price, request) for request in requests), Decimal(0)) / 1_000_000
    searches = sum(request.web_searches for request in requests)
    return total * (Decimal("1.1") if us_inference else 1) + searches * Decimal("0.01")


def _tokens(price: dict[str, Any], usage: Usage) -> Decimal:
    prompt = usage.input + usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
    rates = price["rates_above"] if prompt > price.get("above", prompt) else price["rates"]
    used = {kind: getattr(usage, kind) for kind in Usage.__struct_fields__ if kind != "web_searches"}
    return sum((Decimal(rates.get(kind, rates["input"])) * tokens for kind, tokens in used.items()), Decimal(0))


@given(st.lists(USAGES, min_size=1, max_size=3), TIMES, st.booleans(), st.booleans())
@example([Usage(200_001, 5)], LEVELLED, False, False)
@example([Usage(200_001, 5), Usage(200_000, 5)], datetime(2026, 3, 12, 23, 59, 59, 999_999, tzinfo=UTC), False, True)
@example([Usage(*[2_000_000] * 5)], LEVELLED, True, True)
def test_every_model_has_the_cost_of_the_table(
    requests: list[Usage], at: datetime, fast: bool, us_inference: bool
) -> None:
    whole = Usage(*(sum(getattr(each, kind) for each in requests) for kind in Usage.__struct_fields__))
    parts = tuple(requests) if len(requests) > 1 else ()
    found, sums = {}, {}
    for model, entry in MODELS.items():
        asked = message(model, whole, at=at, fast=fast, us_inference=us_inference, parts=parts)
        found[model] = dollars(PRICES, asked)
        sums[model] = expected(entry, requests, at, fast, us_inference)
    assert found == sums
