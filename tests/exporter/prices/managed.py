"""Managed settings for tests of the organization's prices."""

from __future__ import annotations

import json
from pathlib import Path

from exporter.prices.table import PriceTable, load_prices

RATES = {"input": 1.5, "output": 7, "cacheRead": 0.123456789, "cacheWrite": 2}


def settings_file(directory: Path) -> Path:
    """Where the managed settings of a test are."""
    return directory / "claude-code" / "managed-settings.json"


def write_settings(file: Path, settings: object) -> Path:
    """Write settings as JSON; a text as it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(settings if isinstance(settings, str) else json.dumps(settings))
    return file


def managed(directory: Path, own: object = None, **pricing: object) -> PriceTable:
    """The prices under this `modelPricing`, and with a file of the user's own."""
    file = write_settings(settings_file(directory), {"modelPricing": pricing})
    return load_prices(None if own is None else write_settings(directory / "prices.json", own), file)
