"""What a message costs: by its model, its date, the size of its prompt and how it was asked, in whole picodollars."""

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
# A name as a gateway, Bedrock or Vertex writes it, or with the window that was asked for.
BEFORE_NAME = re.compile(r".*/|^(?:[a-z-]+\.)?anthropic\.")
WINDOW = re.compile(r"\[\w+\]$")
VERSION = re.compile(r"-v\d+(?::\d+)?(?::\w+)?$")
DATE = re.compile(r"[-@]\d{8}$|@default$")
PER_DOLLAR_A_MILLION = 1_000_000  # picodollars a token
PER_DOLLAR_A_THOUSAND = 1_000_000_000  # picodollars a web search
MOST_PLACES = 5  # so that a price times 1.1, too, is of whole picodollars
DEAREST = 1_000_000
US_TENTHS = 11  # inference in the US costs a tenth more


class Cost(NamedTuple):
    """Picodollars: what a message cost, and of that what its cache reads saved and its cache writes cost more."""

    total: int
    cache_saved: int
    cache_premium: int


class PriceFileError(UserError):
    """A file of prices cannot be used; the text says where and why."""


class Rates(NamedTuple):
    """Picodollars a token of each kind, and a web search."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_search: int


class _Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dollars per million tokens, and per thousand web searches. A cache price that is not named is that of input."""

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


class _Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: dict[str, _Rates]


class Price(NamedTuple):
    """The rates of a model from a moment on; those of prompts above a number of tokens, where they differ."""

    start_us: int
    rates: Rates
    above: int | None = None
    rates_above: Rates | None = None

    def of(self, usage: Usage) -> Rates:
        """The rates of one request: once its prompt is too large for the lower ones, the higher hold for all of it."""
        return self.rates_above if self.rates_above and self.above and usage.prompt > self.above else self.rates


class ModelPrices(NamedTuple):
    """Everything that is known of what a model costs, the oldest first."""

    dated: tuple[Price, ...]
    fast: Rates | None = None

    def at(self, time_us: int, *, fast: bool) -> Price:
        """The price of a message."""
        if fast and self.fast:
            return Price(0, self.fast)
        if time_us >= self.dated[-1].start_us:
            return self.dated[-1]
        return self.dated[max(0, bisect_right(self.dated, time_us, key=lambda price: price.start_us) - 1)]


class PriceTable:
    """The prices of all models that are known."""

    def __init__(self, models: dict[str, _Model], own: dict[str, ModelPrices]) -> None:
        self._models = models
        self._own = own
        self._prices_of = lru_cache(maxsize=None)(self._find)

    def cost(self, message: ApiMessage) -> Cost | None:
        """What a message cost; None where its model has no price."""
        prices = self._prices_of(message.model)
        if prices is None:
            return None
        price = prices.at(message.time_us, fast=message.fast)
        if price.above and message.parts:
            parts = (_cost(part, price.of(part)) for part in message.parts)
            total, saved, premium = map(sum, zip(*parts, strict=True))
        else:
            total, saved, premium = _cost(message.usage, price.of(message.usage))
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
    """The table that hookmeter brings, and over it a file of the user's own. Raises PriceFileError."""
    table = msgspec.json.decode(TABLE.read_bytes(), type=_Table)
    return PriceTable(table.models, _own_prices(own) if own else {})


def bare_name(name: str) -> str:
    """A model's name without what gateways, Bedrock, Vertex and the asked-for window add to it."""
    return BEFORE_NAME.sub("", BEFORE_NAME.sub("", WINDOW.sub("", name.strip().lower())))


def _names(model: str) -> tuple[str, ...]:
    """The names under which a model may be known: its own; and if it is one of Claude's, without version and date."""
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
    """The rates in picodollars. Raises ValueError where one is none, or too fine for whole picodollars."""
    cached = (rates.cache_read, rates.cache_write_5m, rates.cache_write_1h)
    of_tokens = [rates.input, rates.output, *(rates.input if rate is None else rate for rate in cached)]
    for rate in (*of_tokens, rates.web_search):
        if not rate.is_finite() or not 0 <= rate <= DEAREST:
            raise ValueError(f"{rate} is no price")
        if rate != round(rate, MOST_PLACES):
            raise ValueError(f"{rate} has more than {MOST_PLACES} decimal places")
    searches = int(rates.web_search * PER_DOLLAR_A_THOUSAND)
    return Rates._make([*(int(rate * PER_DOLLAR_A_MILLION) for rate in of_tokens), searches])


def _maybe_whole(rates: _Rates | None) -> Rates | None:
    return None if rates is None else _whole(rates)


def _own_prices(path: Path) -> dict[str, ModelPrices]:
    try:
        own = msgspec.json.decode(path.read_bytes(), type=_Own)
    except OSError as error:
        raise PriceFileError(
            f"{path} cannot be read ({error.strerror}); name a file of prices with --prices."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PriceFileError(f"{path} is no file of prices ({error}); docs/costs.md shows one.") from error
    prices = {}
    for name, rates in own.models.items():
        try:
            prices[bare_name(name)] = ModelPrices((Price(0, _whole(rates)),))
        except ValueError as error:
            raise PriceFileError(f"{path}: {name}: {error}; write US dollars per million tokens.") from error
    return prices
