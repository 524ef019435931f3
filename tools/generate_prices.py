"""Generate exporter/prices/anthropic.json from the package genai-prices: `make prices`. Not imported at run time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genai_prices import data, types

TABLE = Path(__file__).parents[1] / "exporter" / "prices" / "anthropic.json"
# The same kinds of tokens, by our names and by theirs.
KINDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "web_search": "web_searches_kcount",
}
# What may stand behind the name of a model without making it another one: its version, its date, `latest`.
BEHIND = r"(?:-v\d+)?(?:[-@]\d{8}|-\d{4}-\d\d-\d\d|-latest)?(?:-v\d+(?::\d+)?)?"


def _rates(*numbers: str) -> dict[str, str]:
    return dict(zip(KINDS, (*numbers, "10"), strict=True))


# What genai-prices lacks, by Claude Code's own arithmetic (2.1.330). A test tells when an entry can go.
FAST_OPUS = _rates("30", "150", "3", "37.5", "60")
MISSING_FAST = {"claude-opus-4-6": FAST_OPUS, "claude-opus-4-7": FAST_OPUS}
MISSING_MODELS = {
    "claude-mythos-5": _rates("10", "50", "1", "12.5", "20"),
    "claude-mythos-5-1": _rates("10", "50", "0.25", "12.5", "20"),
}


def table() -> dict[str, Any]:
    """The table: for each model a pattern of its names, its prices by date, and those of its fast mode."""
    provider = next(provider for provider in data.providers if provider.id == "anthropic")
    models = {model.id: _model(model) for model in provider.models}
    for name, fast in MISSING_FAST.items():
        models[name].setdefault("fast", fast)
    for name, rates in MISSING_MODELS.items():
        models.setdefault(name, {"names": re.escape(name) + BEHIND, "prices": [{"from": None, "rates": rates}]})
    return {
        "source": f"genai-prices {version('genai-prices')} (MIT), US dollars per million tokens and per thousand web"
        " searches; regenerate with: make prices",
        "models": dict(sorted(models.items())),
    }


def text() -> str:
    """The table as it stands in the file."""
    return json.dumps(table(), indent=1) + "\n"


def _model(model: types.ModelInfo) -> dict[str, Any]:
    dated = model.prices if isinstance(model.prices, list) else [types.ConditionalPrice(prices=model.prices)]
    entry: dict[str, Any] = {"names": "|".join(_patterns(model.match)), "prices": [_dated(price) for price in dated]}
    for variant in model.price_variants or ():
        if variant.when == {"speed": "fast"}:
            entry["fast"] = _at(variant.prices, None)
    return entry


def _dated(price: types.ConditionalPrice) -> dict[str, Any]:
    start = getattr(price.constraint, "start_date", None)
    entry: dict[str, Any] = {"from": start and start.isoformat(), "rates": _at(price.prices, None)}
    tiers = {
        tier.start
        for field in KINDS.values()
        if isinstance(value := getattr(price.prices, field, None), types.TieredPrices)
        for tier in value.tiers
    }
    if tiers:
        (above,) = tiers  # a second tier would be news
        entry |= {"above": above, "rates_above": _at(price.prices, above)}
    return entry


def _at(prices: types.ModelPrice, above: int | None) -> dict[str, str]:
    """The rates below every tier, or in the one above so many tokens."""
    values = {kind: getattr(prices, field, None) for kind, field in KINDS.items()}
    return {kind: str(_flat(value, above)) for kind, value in values.items() if value is not None}


def _flat(value: Decimal | types.TieredPrices, above: int | None) -> Decimal:
    if not isinstance(value, types.TieredPrices):
        return value
    prices: dict[int | None, Decimal] = {None: value.base, **{tier.start: tier.price for tier in value.tiers}}
    return prices[above]


def _patterns(match: object) -> Iterator[str]:
    """The names that a clause takes, and no longer number: claude-opus-4-6 is not the price of claude-opus-4-60."""
    if isinstance(match, types.ClauseOr):
        for clause in match.or_:
            yield from _patterns(clause)
    elif isinstance(match, types.ClauseEquals):
        yield re.escape(match.equals)
    elif isinstance(match, types.ClauseRegex):
        yield match.regex.removeprefix("^").removesuffix("$")
    elif isinstance(match, types.ClauseStartsWith):
        yield _prefix(match.starts_with)
    elif isinstance(match, types.ClauseContains):
        yield _prefix(match.contains)
    else:
        raise TypeError(f"genai-prices matches names in a way that is new: {match!r}")


def _prefix(start: str) -> str:
    if start.endswith("@"):
        return re.escape(start) + r"\d{8}"
    if start.endswith("-2025"):
        return re.escape(start) + r"\d{4}"
    return re.escape(start) + (r"(?:\.\d)?" if start.endswith("-2") else "") + BEHIND


if __name__ == "__main__":
    TABLE.write_text(text())
