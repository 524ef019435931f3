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

from exporter.prices.names import spellings

TABLE = Path(__file__).parents[1] / "exporter" / "prices" / "anthropic.json"
# The kinds of tokens, with their names in genai-prices.
KINDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "web_search": "web_searches_kcount",
}
# What may follow the name of a model without making it another model: its version, its date, `latest`.
SUFFIX = r"(?:-v\d+)?(?:[-@]\d{8}|-\d{4}-\d\d-\d\d|-latest)?(?:-v\d+(?::\d+)?)?"


# When each version of genai-prices was released: the date of the list prices.
RELEASED = {"0.2.3": "2026-11-10"}
# On Bedrock, a model either costs the same everywhere, or this times as much where the name asks for one region.
REGIONAL = "regional.anthropic."
ONE_REGION = Decimal("1.1")


def _rates(*numbers: str) -> dict[str, str]:
    return dict(zip(KINDS, (*numbers, "10"), strict=True))


# What genai-prices lacks, taken from Claude Code (2.1.332). A test fails once an entry is no longer needed.
FAST_OPUS = _rates("30", "150", "3", "37.5", "60")
MISSING_FAST = {"claude-opus-4-6": FAST_OPUS, "claude-opus-4-7": FAST_OPUS}
MISSING_MODELS = {
    "claude-mythos-5": _rates("10", "50", "1", "12.5", "20"),
    "claude-mythos-5-1": _rates("10", "50", "0.25", "12.5", "20"),
}


def table() -> dict[str, Any]:
    """The table: for each model a pattern of its names, its prices by date and speed, and if it has regional ones."""
    models = {model.id: _model(model) for model in _models("anthropic")}
    for name, fast in MISSING_FAST.items():
        models[name].setdefault("fast", fast)
    for row in _models("aws"):
        if row.id.startswith(REGIONAL):
            _note_regional(row, models)
    for name, rates in MISSING_MODELS.items():
        entry = {"names": re.escape(name) + SUFFIX, "prices": [{"from": None, "rates": rates}], "regional": True}
        models.setdefault(name, entry)
    source = f"genai-prices {version('genai-prices')}"
    return {
        "about": "US dollars per million tokens and per thousand web searches, from genai-prices (MIT);"
        " regenerate with: make prices",
        "source": source,
        "released": RELEASED[version("genai-prices")],
        "models": dict(sorted(models.items())),
    }


def text() -> str:
    """The content of the file."""
    return json.dumps(table(), indent=1) + "\n"


def _models(provider: str) -> list[types.ModelInfo]:
    return next(each.models for each in data.providers if each.id == provider)


def _note_regional(row: types.ModelInfo, models: dict[str, Any]) -> None:
    """Note that a model costs more in one region if this row does; it fails if that is not the usual 10%."""
    (entry,) = (
        entry
        for entry in models.values()
        if any(re.fullmatch(entry["names"], name) for name in spellings(row.id.removeprefix(REGIONAL)))
    )
    price, regional = entry["prices"][-1], _model(row)["prices"][-1]
    (ratio,) = {
        Decimal(regional[rates][kind]) / Decimal(price[rates][kind])
        for rates in ("rates", "rates_above")
        for kind in regional.get(rates, ())
    }
    if ratio not in {1, ONE_REGION}:
        raise ValueError(f"{row.id} of genai-prices costs {ratio} times as much as elsewhere")
    if ratio == ONE_REGION:
        entry["regional"] = True


def _model(model: types.ModelInfo) -> dict[str, Any]:
    dated = model.prices if isinstance(model.prices, list) else [types.ConditionalPrice(prices=model.prices)]
    entry: dict[str, Any] = {"names": "|".join(_patterns(model.match)), "prices": [_dated(price) for price in dated]}
    for variant in model.price_variants or ():
        if variant.when == {"speed": "fast"}:
            entry["fast"] = _rates_at(variant.prices, None)
    return entry


def _dated(price: types.ConditionalPrice) -> dict[str, Any]:
    start = getattr(price.constraint, "start_date", None)
    entry: dict[str, Any] = {"from": start and start.isoformat(), "rates": _rates_at(price.prices, None)}
    tiers = {
        tier.start
        for field in KINDS.values()
        if isinstance(value := getattr(price.prices, field, None), types.TieredPrices)
        for tier in value.tiers
    }
    if tiers:
        (above,) = tiers  # fails if there is more than one tier
        entry |= {"above": above, "rates_above": _rates_at(price.prices, above)}
    return entry


def _rates_at(prices: types.ModelPrice, above: int | None) -> dict[str, str]:
    """The rates without a tier, or in the tier above that number of tokens."""
    values = {kind: getattr(prices, field, None) for kind, field in KINDS.items()}
    return {kind: str(_flat(value, above)) for kind, value in values.items() if value is not None}


def _flat(value: Decimal | types.TieredPrices, above: int | None) -> Decimal:
    if not isinstance(value, types.TieredPrices):
        return value
    prices: dict[int | None, Decimal] = {None: value.base, **{tier.start: tier.price for tier in value.tiers}}
    return prices[above]


def _patterns(match: object) -> Iterator[str]:
    """Patterns of the names of a clause, without longer numbers: claude-opus-4-60 is not claude-opus-4-6."""
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
        raise TypeError(f"genai-prices has a new kind of clause: {match!r}")


def _prefix(start: str) -> str:
    if start.endswith("@"):
        return re.escape(start) + r"\d{8}"
    if start.endswith("-2025"):
        return re.escape(start) + r"\d{4}"
    return re.escape(start) + (r"(?:\.\d)?" if start.endswith("-2") else "") + SUFFIX


if __name__ == "__main__":
    TABLE.write_text(text())
