"""The health of the API: failed requests, time lost to retries, and switches to another model."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family
from exporter.counting.catalog import API_ERRORS, API_RETRY_WAIT, MODEL_FALLBACKS
from exporter.ingest.meter import Meter


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of API errors and model fallbacks."""
    totals = meter.ledger.state.totals
    for counter in (API_ERRORS, API_RETRY_WAIT, MODEL_FALLBACKS):
        yield counter_family(totals, counter)
