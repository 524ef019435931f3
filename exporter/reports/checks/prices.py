"""Which prices hold, and whether those of the user and the organization are valid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exporter.prices.table import PriceFileError, load_prices
from exporter.reports.checks.finding import Finding, Verdict

PRICES = "prices"


def check_prices(own: Path | None, managed: Path | None) -> Iterator[Finding]:
    """Check the file of --prices and the managed settings."""
    try:
        prices = load_prices(own, managed)
    except PriceFileError as error:
        yield Finding(Verdict.ERROR, PRICES, str(error), "Fix it: the exporter does not start with this file")
        return
    for warning in prices.warnings:
        yield Finding(Verdict.ERROR, PRICES, warning, "Ask your administrator to fix it")
    yield Finding(Verdict.OK, PRICES, "; ".join(prices.sources))
