"""The prices that one source has for a model, and what applies to them."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from exporter.prices.rates import ModelPrices


class Surcharge(NamedTuple):
    """Tenths of the price that a message costs, and one whose inference was in the US."""

    usual: int
    us_inference: int


ANYWHERE = Surcharge(10, 11)
ONE_REGION = Surcharge(11, 11)  # charged once, even if the message reports the US as well
AS_WRITTEN = Surcharge(10, 10)


class Tariff(NamedTuple):
    """The prices of a model, the surcharge of its tokens, and what its costs are multiplied by; None is 1."""

    prices: ModelPrices
    surcharge: Surcharge = ANYWHERE
    multiplier: Fraction | None = None

    def times(self, multiplier: Fraction | None) -> Tariff:
        """The same prices, multiplied."""
        return self if multiplier is None else self._replace(multiplier=(self.multiplier or 1) * multiplier)
