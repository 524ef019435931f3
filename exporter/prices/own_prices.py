"""The user's own prices: the file of `--prices`."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec

from exporter.model.errors import UserError
from exporter.model.regular_files import LARGE_BYTES, read_bounded
from exporter.prices.names import spellings, without_window
from exporter.prices.rates import DollarRates, ModelPrices, Price
from exporter.prices.tariff import Tariff

MAX_MULTIPLIER = 10
MAX_MULTIPLIER_PLACES = 9


class PriceFileError(UserError):
    """A price file is invalid; the message says where and why."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: dict[str, DollarRates] | None = None
    multiplier: Decimal | None = None


class OwnPrices:
    """Prices by name, and the multiplier of all costs, if there is one.

    A price applies to its own name first, and to the longer names of the same model that have no price of their own.
    """

    def __init__(self, models: dict[str, ModelPrices], multiplier: Fraction | None, description: str) -> None:
        # A price under a name with a window also applies without it, unless that name has its own.
        self._prices = {without_window(name): prices for name, prices in models.items()}
        self._prices |= {name.strip().lower(): prices for name, prices in models.items()}
        self.multiplier = multiplier
        self.description = description
        self.digest = repr((sorted(self._prices.items()), multiplier))

    def tariff(self, name: str) -> Tariff | None:
        """The prices of a name; the most specific one counts."""
        found = (self._prices[spelling] for spelling in spellings(name) if spelling in self._prices)
        prices = next(found, None)
        return Tariff(prices) if prices else None


NO_OWN_PRICES = OwnPrices({}, None, "")


def read_own_prices(path: Path) -> OwnPrices:
    """The prices of a file. Raises PriceFileError."""
    file = _decoded(path)
    models = {name: _prices(path, name, rates) for name, rates in (file.models or {}).items()}
    multiplier = None if file.multiplier is None else _multiplier(path, file.multiplier)
    times = "" if file.multiplier is None else f", all prices × {file.multiplier.normalize():f}"
    return OwnPrices(models, multiplier, f"your own in {path}{times}")


def _decoded(path: Path) -> _File:
    try:
        file = msgspec.json.decode(read_bounded(path, LARGE_BYTES), type=_File)
    except OSError as error:
        raise PriceFileError(f"{path} cannot be read ({error.strerror}); choose a price file with --prices.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PriceFileError(f"{path} is not a price file ({error}); docs/costs.md shows one.") from error
    if file.models is None and file.multiplier is None:
        reason = "it has neither `models` nor `multiplier`"
        raise PriceFileError(f"{path} is not a price file ({reason}); docs/costs.md shows one.")
    return file


def _prices(path: Path, name: str, rates: DollarRates) -> ModelPrices:
    try:
        return ModelPrices((Price(0, rates.in_picodollars()),))
    except ValueError as error:
        raise PriceFileError(f"{path}: {name}: {error}; use US dollars per million tokens.") from error


def _multiplier(path: Path, multiplier: Decimal) -> Fraction:
    if not multiplier.is_finite() or not 0 < multiplier <= MAX_MULTIPLIER:
        reason = f"invalid multiplier {multiplier}"
    elif multiplier != round(multiplier, MAX_MULTIPLIER_PLACES):
        reason = f"multiplier {multiplier} has more than {MAX_MULTIPLIER_PLACES} decimal places"
    else:
        return Fraction(multiplier)
    raise PriceFileError(f"{path}: {reason}; use a number above 0, at most {MAX_MULTIPLIER}.")
