"""Which prices hold, and whether those of the user and the organization are valid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from exporter.ledger.failures import LedgerError
from exporter.ledger.reading import read_ledger
from exporter.prices.table import PriceFileError, PriceTable, load_prices
from exporter.reports.checks.finding import Finding, Verdict
from exporter.reports.prices_used import prices_used

PRICES = "prices"
COUNTED_BEFORE = "Messages keep the costs with which they were counted"
RESTART = "The exporter takes over new prices when it restarts; messages keep the costs with which they were counted"


def check_prices(own: Path | None, managed: Path | None, data_dir: Path) -> Iterator[Finding]:
    """Check the file of --prices and the managed settings, and whether the ledger counts by these prices."""
    try:
        prices = load_prices(own, managed)
    except PriceFileError as error:
        yield Finding(Verdict.ERROR, PRICES, str(error), "Fix it: the exporter does not start with this file")
        return
    for warning in prices.warnings:
        yield Finding(Verdict.ERROR, PRICES, warning, "Ask your administrator to fix it")
    yield Finding(Verdict.OK, PRICES, "; ".join(prices.sources))
    yield from _check_counted(prices, data_dir)


def _check_counted(prices: PriceTable, data_dir: Path) -> Iterator[Finding]:
    """Find out whether the ledger has costs by other prices; one that cannot be read is the subject of other checks."""
    with suppress(LedgerError), read_ledger(data_dir) as ledger:
        counted_by = prices_used(prices, ledger)["counted_by"]
        others = [each for each in counted_by if not each["still_hold"]]
        if others:
            last = others[-1]
            message = f"the ledger has costs by other prices, last since {last['since']}: {'; '.join(last['sources'])}"
            yield Finding(Verdict.INFO, PRICES, message, COUNTED_BEFORE if counted_by[-1]["still_hold"] else RESTART)
