"""Managed settings are read as Claude Code reads them: what is invalid in them costs a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.prices.managed_settings import DEFAULT_FILE
from exporter.prices.table import load_prices
from tests.exporter.prices.managed import RATES, settings_file, write_settings
from tests.exporter.prices.messages import rates

MODEL = "claude-sonnet-5"
LIST, HALF, OVERRIDE = (2, 10), (1, 5), (1.5, 7)
HALVED = {"modelPricing": {"multiplier": 0.5}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return settings_file(tmp_path)


def add(file: Path, name: str, settings: object) -> Path:
    """Write an additional file of settings."""
    return write_settings(file.with_name("managed-settings.d") / name, settings)


def test_without_managed_settings_there_is_no_warning(file: Path) -> None:
    assert rates(load_prices(managed=file), MODEL) == LIST
    assert load_prices(managed=file).warnings == ()
    assert load_prices(managed=write_settings(file, "") / "below").warnings == ()
    assert DEFAULT_FILE.name == "managed-settings.json"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", LIST),
        (" \n", LIST),
        ("{}", LIST),
        ({"model": "opus"}, LIST),
        ({"modelPricing": {}}, LIST),
        ('\ufeff{"modelPricing": {"multiplier": 0.5}}', HALF),
        ({"cleanupPeriodDays": "x", **HALVED}, HALF),
        ({"modelPricing": {"multiplier": 0.5, "x": 1, "overrides": {MODEL: {**RATES, "y": 1}}}}, (0.75, 3.5)),
        ({"modelPricing": {"multiplier": 1, "overrides": {}}}, LIST),
    ],
)
def test_valid_settings_cost_no_warning(file: Path, settings: object, expected: tuple[float, float]) -> None:
    prices = load_prices(managed=write_settings(file, settings))
    assert rates(prices, MODEL) == expected
    assert prices.warnings == ()


@pytest.mark.parametrize(
    ("settings", "expected", "warning"),
    [
        ('{"modelPricing": {"multiplier": 0.5}', LIST, " is not a JSON object (Input data was truncated)"),
        ('// half\n{"modelPricing": {"multiplier": 0.5}}', LIST, " is not a JSON object (JSON is malformed"),
        ("[]", LIST, " is not a JSON object (Expected `object`, got `array`)"),
        ('{"a":' * 100_000, LIST, " is not a JSON object ("),
        ({"modelPricing": [1]}, LIST, ": modelPricing is invalid (Expected `object`, got `array`)"),
        ({"modelPricing": None}, LIST, ": modelPricing is invalid (Expected `object`, got `null`)"),
        (
            {"modelPricing": {"multiplier": 11, "overrides": {MODEL: RATES}}},
            OVERRIDE,
            ": modelPricing.multiplier is invalid (Expected `float` <= 10.0)",
        ),
        (
            {"modelPricing": {"multiplier": "0.5", "overrides": {MODEL: RATES}}},
            OVERRIDE,
            ": modelPricing.multiplier is invalid (Expected `float`, got `str`)",
        ),
        ({"modelPricing": {"multiplier": 0}}, LIST, ": modelPricing.multiplier is invalid (Expected `float` > 0.0)"),
        (
            {"modelPricing": {"multiplier": 0.5, "overrides": [RATES]}},
            HALF,
            ": modelPricing.overrides is invalid (Expected `object`, got `array`)",
        ),
        (
            {"modelPricing": {"multiplier": 0.5, "overrides": {MODEL: {"input": 1}, "glm": RATES}}},
            HALF,
            f": modelPricing.overrides.{MODEL} is invalid (Object missing required field `output`)",
        ),
        (
            {"modelPricing": {"overrides": {MODEL: {**RATES, "cacheRead": 10_001}}}},
            LIST,
            f": modelPricing.overrides.{MODEL} is invalid (Expected `float` <= 10000.0 - at `$.cacheRead`)",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_invalid_is_ignored_with_a_warning(
    file: Path, settings: object, expected: tuple[float, float], warning: str
) -> None:
    prices = load_prices(managed=write_settings(file, settings))
    assert rates(prices, MODEL) == expected
    (found,) = prices.warnings
    assert found.startswith(f"{file}{warning}")
    assert found.endswith("; it is ignored until it is fixed.")


def test_settings_that_cannot_be_read_cost_a_warning(file: Path) -> None:
    file.mkdir(parents=True)
    prices = load_prices(managed=file)
    assert rates(prices, MODEL) == LIST
    assert prices.warnings == (f"{file} cannot be read (Is a directory); it is ignored until it is fixed.",)


@pytest.mark.parametrize(
    ("first", "additional", "expected"),
    [
        (HALVED, {"10.json": {"modelPricing": {"overrides": {MODEL: RATES}}}}, (0.75, 3.5)),
        (None, {"10.json": HALVED, "20.json": {"modelPricing": {"multiplier": 0.25}}}, (0.5, 2.5)),
        (None, {"20.json": HALVED, "10.json": {"modelPricing": {"multiplier": 0.25}}}, HALF),
        (
            {"modelPricing": {"overrides": {MODEL: RATES}}},
            {"10.json": {"modelPricing": {"overrides": {"claude-opus-5": RATES}}}},
            OVERRIDE,
        ),
        (
            {"modelPricing": {"overrides": {MODEL: RATES}}},
            {"10.json": {"modelPricing": {"overrides": {MODEL: {**RATES, "input": 100}}}}},
            (100, 7),
        ),
        (HALVED, {".10.json": {"modelPricing": {"multiplier": 0.25}}, "10.txt": "no JSON"}, HALF),
    ],
    ids=lambda value: str(value)[:40],
)
def test_additional_files_add_to_the_first_in_the_order_of_their_names(
    file: Path, first: object, additional: dict[str, object], expected: tuple[float, float]
) -> None:
    if first:
        write_settings(file, first)
    for name, settings in additional.items():
        add(file, name, settings)
    prices = load_prices(managed=file)
    assert rates(prices, MODEL) == expected
    assert prices.warnings == ()


def test_an_invalid_additional_file_leaves_the_others_in_effect(file: Path) -> None:
    write_settings(file, HALVED)
    broken = add(file, "10.json", "{")
    add(file, "20.json", {"modelPricing": {"multiplier": 0}})
    prices = load_prices(managed=file)
    assert rates(prices, MODEL) == HALF
    assert len(prices.warnings) == 2
    assert prices.warnings[0].startswith(str(broken))


def test_the_sources_of_prices_are_named_by_precedence(file: Path) -> None:
    listed = load_prices().sources
    assert len(listed) == 1
    assert listed[0].startswith("list prices of 20")
    own = write_settings(file.with_name("prices.json"), {"multiplier": 0.90})
    write_settings(file, HALVED)
    assert load_prices(own, file).sources == (
        f"your own in {own}, all prices × 0.9",
        f"your organization's in {file}, all prices × 0.5",
        *listed,
    )
    write_settings(file, {"modelPricing": {}})
    assert load_prices(managed=file).sources == listed
