"""The committed table is up to date, and adds nothing that the package has itself."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from importlib.metadata import version

import pytest
from genai_prices import data, types

from tools import generate_prices as generate
from tools.generate_prices import KINDS, MISSING_FAST, MISSING_MODELS, RELEASED, TABLE

THEIRS, BEDROCK = (
    next(provider.models for provider in data.providers if provider.id == name) for name in ("anthropic", "aws")
)
OURS = json.loads(TABLE.read_bytes())["models"]


def known(name: str) -> list[types.ModelInfo]:
    """The models that genai-prices matches by a name."""
    return [model for model in THEIRS if model.is_match(name)]


def dated(model: types.ModelInfo) -> list[types.ConditionalPrice]:
    """The prices of a model, each with its constraint."""
    return model.prices if isinstance(model.prices, list) else [types.ConditionalPrice(prices=model.prices)]


def test_the_committed_table_is_up_to_date() -> None:
    assert TABLE.read_text() == generate.text(), "run: make prices"


def test_the_release_of_the_package_has_a_date() -> None:
    assert version("genai-prices") in RELEASED, "add the date of this release to RELEASED"


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_model_costs_more_in_one_region_if_bedrock_charges_more_for_it(name: str) -> None:
    """Or if it is newer than Claude 4.1, where genai-prices does not have it on Bedrock."""
    ours = OURS[name]
    rows = [row for row in BEDROCK if row.id.startswith("regional.") and "claude" in row.id]
    inputs = {
        base(row.prices)
        for row in rows
        if re.fullmatch(ours["names"], re.sub(r"-v\d+(:\d+)?$", "", row.id.removeprefix("regional.anthropic.")))
    }
    listed = Decimal(ours["prices"][-1]["rates"]["input"])
    expected = {listed * Decimal("1.1") if ours.get("regional") else listed}
    assert inputs == expected or (not inputs and ours.get("regional", False) == (name in MISSING_MODELS))


def base(prices: types.ModelPrice | list[types.ConditionalPrice]) -> Decimal:
    """The present price of input tokens in small prompts."""
    price = (prices[-1].prices if isinstance(prices, list) else prices).input_mtok
    assert price is not None
    return price.base if isinstance(price, types.TieredPrices) else price


@pytest.mark.parametrize("name", sorted(MISSING_MODELS))
def test_a_model_is_added_only_while_the_package_lacks_it(name: str) -> None:
    assert not known(name), f"genai-prices has {name} now: remove it from MISSING_MODELS"


@pytest.mark.parametrize("name", sorted(MISSING_FAST))
def test_a_fast_mode_is_added_only_while_the_package_lacks_it(name: str) -> None:
    (model,) = known(name)
    speeds = [variant.when for variant in model.price_variants or () if "speed" in variant.when]
    assert not speeds, f"genai-prices prices the fast mode of {name} now: remove it from MISSING_FAST"


@pytest.mark.parametrize("name", sorted(MISSING_FAST))
def test_an_added_fast_mode_keeps_the_prices_of_the_package(name: str) -> None:
    assert OURS[name]["fast"] == MISSING_FAST[name]
    assert OURS[name]["prices"] == generate.table()["models"][name]["prices"]


@pytest.mark.parametrize("name", sorted({model.id for model in THEIRS} | set(MISSING_MODELS)))
def test_every_model_matches_exactly_one_entry(name: str) -> None:
    assert [other for other, entry in OURS.items() if re.fullmatch(entry["names"], name)] == [name]


# What the generator does not support yet; a new version of the package may need it.


@pytest.mark.parametrize("model", THEIRS, ids=lambda model: model.id)
def test_no_price_of_the_package_depends_on_more_than_the_date_and_the_speed(model: types.ModelInfo) -> None:
    assert all(isinstance(price.constraint, types.StartDateConstraint | None) for price in dated(model))
    variants = model.price_variants or ()
    of_requests = [
        variant for variant in variants if variant.when != {"processing": "batch"}
    ]  # Claude Code does not use it
    assert [(variant.when, variant.constraint) for variant in of_requests] in ([], [({"speed": "fast"}, None)])


@pytest.mark.parametrize("model", THEIRS, ids=lambda model: model.id)
def test_no_kind_of_token_that_the_package_prices_is_left_out(model: types.ModelInfo) -> None:
    for price in dated(model):
        assert {name for name, value in vars(price.prices).items() if value is not None} <= set(KINDS.values())
