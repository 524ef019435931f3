"""Whether the exporter accepts the user's own prices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exporter.prices.table import PriceFileError, load_prices
from exporter.reports.checks.finding import Finding, Verdict

PRICES = "prices"


def check_prices(file: Path | None) -> Iterator[Finding]:
    """Check the file of --prices; without one there is nothing to report."""
    if file is None:
        return
    try:
        load_prices(file)
    except PriceFileError as error:
        yield Finding(Verdict.ERROR, PRICES, str(error), "Fix it: the exporter does not start with this file")
    else:
        yield Finding(Verdict.OK, PRICES, f"your own in {file}")
