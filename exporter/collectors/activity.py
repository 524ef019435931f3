"""Other events of sessions: prompts, permission requests, compactions."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family
from exporter.counting.catalog import AUTOMATIC_PROMPTS, COMPACTIONS, PERMISSION_REQUESTS, PROMPTS
from exporter.ingest.meter import Meter


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of events."""
    totals = meter.ledger.state.totals
    for counter in (PROMPTS, AUTOMATIC_PROMPTS, PERMISSION_REQUESTS, COMPACTIONS):
        yield counter_family(totals, counter)
