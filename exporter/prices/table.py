"""The cost of a message in whole picodollars, by its model, date, prompt size, speed and place of inference."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from exporter.model.errors import UserError
from exporter.model.records import ApiMessage, Usage

TABLE = Path(__file__).with_name("anthropic.json")
# What gateways, Bedrock and Vertex add to a model's name, and the requested context window.
BEFORE_NAME = re.compile(r".*/|^(?:[a-z-]+\.)?anthropic\.")
WINDOW = re.compile(r"\[\w+\]$")
VERSION = re.compile(r"-v\d+(?::\d+)?(?::\w+)?$")
DATE = re.compile(r"[-@]\d{8}$|@default$")
PER_DOLLAR_A_MILLION = 1_000_000  # picodollars per token
PER_DOLLAR_A_THOUSAND = 1_000_000_000  # picodollars per web search
MAX_PLACES = 5  # so that a price times 1.1 is still a whole number of picodollars
MAX_PRICE = 1_000_000
US_TENTHS = 11  # inference in the US costs 10% more


class Cost(NamedTuple):
    """The cost of a message in picodollars, what its cache reads saved, and what its cache writes cost extra."""

    total: int
    cache_saved: int
    cache_premium: int


class PriceFileError(UserError):
    """A price file is invalid; the message says where and why."""


class Rates(NamedTuple):
    """Picodollars per token of each kind, and per web search."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_search: int


class _Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dollars per million tokens, and per thousand web searches. A missing cache price is that of input."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    web_search: Decimal = Decimal(10)


class _Dated(msgspec.Struct, frozen=True):
    start: date | None = msgspec.field(name="from")
    rates: _Rates
    above: int | None = None
    rates_above: _Rates | None = None


class _Model(msgspec.Struct, frozen=True):
    names: str
    prices: list[_Dated]
    fast: _Rates | None = None


class _Table(msgspec.Struct, frozen=True):
    models: dict[str, _Model]


class _UserTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: dict[str, _Rates]


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


class PriceTable:
    """The prices of all models; the user's own take precedence."""

    def __init__(self, models: dict[str, _Model], own: dict[str, ModelPrices]) -> None:
        self._models = models
        self._own = own
        self._prices_of = lru_cache(maxsize=None)(self._find)

    def cost(self, message: ApiMessage) -> Cost | None:
        """The cost of a message; None if its model has no price."""
        prices = self._prices_of(message.model)
        if prices is None:
            return None
        price = prices.price_at(message.time_us, fast=message.fast)
        if price.above and message.parts:
            parts = (_cost(part, price.rates_of(part)) for part in message.parts)
            total, saved, premium = map(sum, zip(*parts, strict=True))
        else:
            total, saved, premium = _cost(message.usage, price.rates_of(message.usage))
        if message.us_inference:
            total, saved, premium = (amount * US_TENTHS // 10 for amount in (total, saved, premium))
        return Cost(total + message.usage.web_searches * price.rates.web_search, saved, premium)

    def _find(self, name: str) -> ModelPrices | None:
        names = _names(bare_name(name))
        for model in names:
            if model in self._own:
                return self._own[model]
        found = (entry for model in names for entry in self._models.values() if re.fullmatch(entry.names, model))
        entry = next(found, None)
        return _prices(entry) if entry else None


def load_prices(own: Path | None = None) -> PriceTable:
    """The table that comes with hookmeter, and the user's own prices from a file. Raises PriceFileError."""
    table = msgspec.json.decode(TABLE.read_bytes(), type=_Table)
    return PriceTable(table.models, _own_prices(own) if own else {})


def bare_name(name: str) -> str:
    """A model's name without what gateways, Bedrock and Vertex add to it, and without the requested window."""
    return BEFORE_NAME.sub("", BEFORE_NAME.sub("", WINDOW.sub("", name.strip().lower())))


def _names(model: str) -> tuple[str, ...]:
    """The names to look up for a model: its own and, for a Claude model, those without version and date."""
    if not model.startswith("claude-"):
        return (model,)
    unversioned = VERSION.sub("", model)
    return model, unversioned, DATE.sub("", unversioned)


def _cost(usage: Usage, rates: Rates) -> tuple[int, int, int]:
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


def _prices(model: _Model) -> ModelPrices:
    dated = (
        Price(_start_us(price.start), _whole(price.rates), price.above, _maybe_whole(price.rates_above))
        for price in model.prices
    )
    return ModelPrices(tuple(sorted(dated, key=lambda price: price.start_us)), _maybe_whole(model.fast))


def _start_us(day: date | None) -> int:
    return 0 if day is None else int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


def _whole(rates: _Rates) -> Rates:
    """The rates in picodollars. Raises ValueError if one is out of range, or not a whole number of picodollars."""
    cached = (rates.cache_read, rates.cache_write_5m, rates.cache_write_1h)
    of_tokens = [rates.input, rates.output, *(rates.input if rate is None else rate for rate in cached)]
    for rate in (*of_tokens, rates.web_search):
        if not rate.is_finite() or not 0 <= rate <= MAX_PRICE:
            raise ValueError(f"invalid price {rate}")
        if rate != round(rate, MAX_PLACES):
            raise ValueError(f"{rate} has more than {MAX_PLACES} decimal places")
    searches = int(rates.web_search * PER_DOLLAR_A_THOUSAND)
    return Rates._make([*(int(rate * PER_DOLLAR_A_MILLION) for rate in of_tokens), searches])


def _maybe_whole(rates: _Rates | None) -> Rates | None:
    return None if rates is None else _whole(rates)


def _own_prices(path: Path) -> dict[str, ModelPrices]:
    try:
        own = msgspec.json.decode(path.read_bytes(), type=_UserTable)
    except OSError as error:
        raise PriceFileError(f"{path} cannot be read ({error.strerror}); choose a price file with --prices.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PriceFileError(f"{path} is not a price file ({error}); docs/costs.md shows one.") from error
    prices = {}
    for name, rates in own.models.items():
        try:
            prices[bare_name(name)] = ModelPrices((Price(0, _whole(rates)),))
        except ValueError as error:
            raise PriceFileError(f"{path}: {name}: {error}; use US dollars per million tokens.") from error
    return prices
