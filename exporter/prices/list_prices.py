"""The list prices: a table that is generated from genai-prices."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from exporter.prices.names import asks_for_one_region, spellings
from exporter.prices.rates import DollarRates, ModelPrices, Price, Rates
from exporter.prices.tariff import ANYWHERE, ONE_REGION, Tariff

TABLE = Path(__file__).with_name("anthropic.json")


class _Dated(msgspec.Struct, frozen=True):
    start: date | None = msgspec.field(name="from")
    rates: DollarRates
    above: int | None = None
    rates_above: DollarRates | None = None


class _Model(msgspec.Struct, frozen=True):
    names: str
    prices: list[_Dated]
    fast: DollarRates | None = None
    regional: bool = False


class _Table(msgspec.Struct, frozen=True):
    source: str
    released: date
    models: dict[str, _Model]


class ListPrices:
    """The list prices of all models; those with regional prices cost more under a name that asks for one region."""

    def __init__(self, table: _Table, digest: str) -> None:
        self.digest = digest
        self.description = f"list prices of {table.released} ({table.source})"
        self._models = table.models

    def model(self, name: str) -> str | None:
        """The model that a name means, as it is called in the table; None if it is not there."""
        found = (
            model
            for spelling in spellings(name)
            for model, entry in self._models.items()
            if re.fullmatch(entry.names, spelling)
        )
        return next(found, None)

    def tariff(self, name: str) -> Tariff | None:
        """The prices of the model that a name means."""
        model = self.model(name)
        if model is None:
            return None
        entry = self._models[model]
        return Tariff(_prices(entry), ONE_REGION if entry.regional and asks_for_one_region(name) else ANYWHERE)


def read_list_prices() -> ListPrices:
    """The table that comes with hookmeter."""
    data = TABLE.read_bytes()
    return ListPrices(msgspec.json.decode(data, type=_Table), sha256(data).hexdigest())


def _prices(model: _Model) -> ModelPrices:
    dated = (
        Price(_start_us(price.start), price.rates.in_picodollars(), price.above, _maybe(price.rates_above))
        for price in model.prices
    )
    return ModelPrices(tuple(sorted(dated, key=lambda price: price.start_us)), _maybe(model.fast))


def _start_us(day: date | None) -> int:
    return 0 if day is None else int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


def _maybe(rates: DollarRates | None) -> Rates | None:
    return None if rates is None else rates.in_picodollars()
