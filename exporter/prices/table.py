"""The cost of a message in whole picodollars, by its model, date, prompt size, speed and place of inference."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from exporter.model.records import NOT_ITEMIZED, ApiMessage, Usage
from exporter.prices.list_prices import ListPrices, read_list_prices
from exporter.prices.managed_prices import ManagedPrices
from exporter.prices.managed_settings import ModelPricing, read_model_pricing
from exporter.prices.own_prices import NO_OWN_PRICES, OwnPrices, PriceFileError, read_own_prices
from exporter.prices.rates import PER_DOLLAR_A_THOUSAND, USUAL_WEB_SEARCHES, Price, Rates
from exporter.prices.tariff import Tariff

__all__ = ["Cost", "PriceFileError", "PriceList", "PriceTable", "load_prices"]

TENTHS = 10
DIGEST_LENGTH = 16


class Cost(NamedTuple):
    """The cost of a message in picodollars, what its cache reads saved, and what its cache writes cost extra."""

    total: int
    cache_saved: int
    cache_premium: int


class PriceList(NamedTuple):
    """Which prices hold: a digest of all of them, and where they come from, the most specific first."""

    digest: str
    sources: tuple[str, ...]


class PriceTable:
    """The prices of all models: the user's own take precedence over the organization's, and these over the list's."""

    def __init__(self, own: OwnPrices, managed: ManagedPrices, listed: ListPrices) -> None:
        self._own = own
        self._managed = managed
        self._listed = listed
        self._tariff_of = lru_cache(maxsize=None)(self._find)
        self.sources = tuple(filter(None, (own.description, managed.description, listed.description)))
        digests = "\n".join((own.digest, managed.digest, listed.digest))
        self.list = PriceList(sha256(digests.encode()).hexdigest()[:DIGEST_LENGTH], self.sources)
        self.warnings = managed.warnings

    def cost(self, message: ApiMessage) -> Cost | None:
        """The cost of a message; None if its model has no price.

        Searches that are in no message have the price that all models share.
        """
        tariff = self._tariff_of(message.model)
        if tariff is None:
            return self._cost_of_searches(message.usage) if _has_searches_alone(message) else None
        price = tariff.prices.price_at(message.time_us, fast=message.fast)
        total, saved, premium = _token_costs(message, price)
        tenths = tariff.surcharge.us_inference if message.us_inference else tariff.surcharge.usual
        if tenths != TENTHS:
            total, saved, premium = (amount * tenths // TENTHS for amount in (total, saved, premium))
        cost = Cost(total + message.usage.web_searches * price.rates.web_search, saved, premium)
        return cost if tariff.multiplier is None else _multiplied(cost, tariff.multiplier)

    def has_price(self, model: str) -> bool:
        """Whether messages of a model have a price."""
        return self._tariff_of(model) is not None

    def _find(self, name: str) -> Tariff | None:
        if own := self._own.tariff(name):
            return own.times(self._own.multiplier)  # as the user wrote it, whatever the organization's multiplier is
        tariff = self._managed.tariff(name) or self._listed.tariff(name)
        return tariff and tariff.times(self._multiplier)

    @property
    def _multiplier(self) -> Fraction | None:
        return self._managed.multiplier if self._own.multiplier is None else self._own.multiplier

    def _cost_of_searches(self, usage: Usage) -> Cost:
        cost = Cost(usage.web_searches * int(USUAL_WEB_SEARCHES * PER_DOLLAR_A_THOUSAND), 0, 0)
        return cost if self._multiplier is None else _multiplied(cost, self._multiplier)


def load_prices(own: Path | None = None, managed: Path | None = None) -> PriceTable:
    """The prices of the user's own file, of managed settings and of the table in hookmeter. Raises PriceFileError."""
    listed = read_list_prices()
    pricing = read_model_pricing(managed) if managed else ModelPricing()
    return PriceTable(read_own_prices(own) if own else NO_OWN_PRICES, ManagedPrices(pricing, listed), listed)


def _has_searches_alone(message: ApiMessage) -> bool:
    usage = message.usage
    return message.agent == NOT_ITEMIZED and usage.web_searches > 0 and usage.tokens == 0


def _token_costs(message: ApiMessage, price: Price) -> tuple[int, int, int]:
    if price.above and message.parts:
        parts = (_token_cost(part, price.rates_of(part)) for part in message.parts)
        total, saved, premium = map(sum, zip(*parts, strict=True))
        return total, saved, premium
    return _token_cost(message.usage, price.rates_of(message.usage))


def _token_cost(usage: Usage, rates: Rates) -> tuple[int, int, int]:
    total = (
        usage.input * rates.input
        + usage.output * rates.output
        + usage.cache_read * rates.cache_read
        + usage.cache_write_5m * rates.cache_write_5m
        + usage.cache_write_1h * rates.cache_write_1h
    )
    saved = usage.cache_read * (rates.input - rates.cache_read)
    premium = usage.cache_write_5m * (rates.cache_write_5m - rates.input)
    premium += usage.cache_write_1h * (rates.cache_write_1h - rates.input)
    return total, max(0, saved), max(0, premium)


def _multiplied(cost: Cost, multiplier: Fraction) -> Cost:
    """The product, each amount of the message rounded once to a whole picodollar, half to even."""
    return Cost._make(round(amount * multiplier) for amount in cost)
