"""Rates in whole picodollars: of each kind of token and of web searches, by date, prompt size and speed."""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from typing import NamedTuple

import msgspec

from exporter.model.records import Usage

PER_DOLLAR_A_MILLION = 1_000_000  # picodollars per token
PER_DOLLAR_A_THOUSAND = 1_000_000_000  # picodollars per web search
USUAL_WEB_SEARCHES = Decimal(10)  # dollars per thousand, whatever the model
MAX_PLACES = 5  # so that a price times 1.1 is still a whole number of picodollars
MAX_PRICE = 1_000_000


class Rates(NamedTuple):
    """Picodollars per token of each kind, and per web search."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_search: int


class Price(NamedTuple):
    """The rates of a model from a time on, and those of prompts with more than `above` tokens, if they differ."""

    start_us: int
    rates: Rates
    above: int | None = None
    rates_above: Rates | None = None

    def rates_of(self, usage: Usage) -> Rates:
        """The rates of one request; the higher ones apply to all tokens of a large prompt."""
        return self.rates_above if self.rates_above and self.above and usage.prompt > self.above else self.rates


class ModelPrices(NamedTuple):
    """The prices of a model, oldest first, and the rates of its fast mode."""

    dated: tuple[Price, ...]
    fast: Rates | None = None

    def price_at(self, time_us: int, *, fast: bool) -> Price:
        """The price at a time, or that of the fast mode."""
        if fast and self.fast:
            return Price(0, self.fast)
        if time_us >= self.dated[-1].start_us:
            return self.dated[-1]
        return self.dated[max(0, bisect_right(self.dated, time_us, key=lambda price: price.start_us) - 1)]


class DollarRates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dollars per million tokens, and per thousand web searches. A missing cache price is that of input."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    web_search: Decimal = USUAL_WEB_SEARCHES

    def in_picodollars(self) -> Rates:
        """The rates. Raises ValueError if one is out of range, or not a whole number of picodollars."""
        cached = (self.cache_read, self.cache_write_5m, self.cache_write_1h)
        of_tokens = [self.input, self.output, *(self.input if rate is None else rate for rate in cached)]
        for rate in (*of_tokens, self.web_search):
            if not rate.is_finite() or not 0 <= rate <= MAX_PRICE:
                raise ValueError(f"invalid price {rate}")
            if rate != round(rate, MAX_PLACES):
                raise ValueError(f"{rate} has more than {MAX_PLACES} decimal places")
        searches = int(self.web_search * PER_DOLLAR_A_THOUSAND)
        return Rates._make([*(int(rate * PER_DOLLAR_A_MILLION) for rate in of_tokens), searches])
