"""The organization's prices: overrides by name and a multiplier, as Claude Code applies them to its own figures."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from exporter.model.text import listed
from exporter.prices.claude_code_names import is_used_by_claude_code
from exporter.prices.list_prices import ListPrices
from exporter.prices.managed_settings import ManagedRates, ModelPricing
from exporter.prices.names import without_window
from exporter.prices.rates import PER_DOLLAR_A_MILLION, PER_DOLLAR_A_THOUSAND, ModelPrices, Price, Rates
from exporter.prices.tariff import AS_WRITTEN, Tariff

SEARCHES = 10 * PER_DOLLAR_A_THOUSAND  # an override does not change the price of web searches


class ManagedPrices:
    """Overrides, each for its own name, and for every name of a model if Claude Code itself uses that name for it."""

    def __init__(self, pricing: ModelPricing, list_prices: ListPrices) -> None:
        self.multiplier = None if pricing.multiplier is None else _exact(pricing.multiplier)
        self.description = _description(pricing)
        self.digest = repr((sorted(pricing.overrides.items()), pricing.multiplier))
        self.warnings = tuple(pricing.warnings)
        self._list_prices = list_prices
        self._by_name: dict[str, Tariff] = {}
        self._by_model: dict[str, Tariff] = {}
        for name, rates in pricing.overrides.items():
            self._add(without_window(name), _tariff(rates))

    def tariff(self, name: str) -> Tariff | None:
        """The prices of a name; one of its own takes precedence over that of its model."""
        return self._by_name.get(without_window(name)) or self._by_model.get(self._list_prices.model(name) or "")

    def _add(self, name: str, tariff: Tariff) -> None:
        """Add an override; of several for one name or model, the first counts."""
        if name in self._by_name:
            return
        self._by_name[name] = tariff
        model = self._list_prices.model(name)
        if model and is_used_by_claude_code(name, model):
            self._by_model.setdefault(model, tariff)


def _tariff(rates: ManagedRates) -> Tariff:
    """The prices; rates that are not whole picodollars are scaled up to integers, and the cost is scaled down again."""
    per_token = [
        _exact(rate) * PER_DOLLAR_A_MILLION
        for rate in (rates.input, rates.output, rates.cache_read, rates.cache_write, rates.cache_write)
    ]
    scale = lcm(*(rate.denominator for rate in per_token))
    whole = Rates._make(int(rate * scale) for rate in (*per_token, Fraction(SEARCHES)))
    return Tariff(ModelPrices((Price(0, whole),)), AS_WRITTEN, None if scale == 1 else Fraction(1, scale))


def _exact(number: float) -> Fraction:
    """The number as it is written in the settings."""
    return Fraction(repr(number))


def _description(pricing: ModelPricing) -> str:
    if pricing.multiplier is None and not pricing.overrides:
        return ""
    times = "" if pricing.multiplier is None else f", all prices × {pricing.multiplier:g}"
    return f"your organization's in {listed(pricing.files)}{times}"
