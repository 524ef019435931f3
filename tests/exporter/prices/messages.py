"""Messages for tests of costs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from exporter.model.money import PICODOLLARS
from exporter.model.records import ApiMessage, Usage
from exporter.prices.table import PriceTable
from tests.support.transcript_lines import NOON, SESSION


def message(
    model: str,
    usage: Usage,
    *,
    at: datetime = NOON,
    fast: bool = False,
    us_inference: bool = False,
    parts: tuple[Usage, ...] = (),
) -> ApiMessage:
    """An API message with the given usage."""
    at_us = int(at.timestamp()) * 1_000_000 + at.microsecond
    return ApiMessage(1, at_us, model, "main", "shop", SESSION, usage, fast, us_inference, parts)


def dollars(prices: PriceTable, asked: ApiMessage) -> Decimal | None:
    """The cost of a message."""
    cost = prices.cost(asked)
    return None if cost is None else Decimal(cost.total) / PICODOLLARS


def rates(prices: PriceTable, model: str) -> tuple[float, float] | None:
    """Dollars per million tokens of input and output, which identify a model."""
    found = [dollars(prices, message(model, usage)) for usage in (Usage(1_000), Usage(output=1_000))]
    plain, output = (None if each is None else float(each * 1_000) for each in found)
    return None if plain is None or output is None else (plain, output)
