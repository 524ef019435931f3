"""What calls change in code: lines of files, commits and pull requests."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family
from exporter.counting.catalog import COMMITS, LINES_OF_CODE, PULL_REQUESTS
from exporter.ingest.meter import Meter


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of code."""
    for counter in (LINES_OF_CODE, COMMITS, PULL_REQUESTS):
        yield counter_family(meter.ledger.state.totals, counter)
