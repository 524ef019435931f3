"""The meter itself: what it has read, what it could not, and whether it keeps up."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family
from exporter.counting.catalog import BYTES_READ, LABEL_OVERFLOW, LINES
from exporter.ingest.meter import Meter
from exporter.ledger.state import LedgerState


def collect(meter: Meter) -> Iterator[Metric]:
    """The metrics by which the others can be believed."""
    state = meter.ledger.state
    for counter in (LINES, BYTES_READ, LABEL_OVERFLOW):
        yield counter_family(state.totals, counter)
    yield GaugeMetricFamily(
        "hookmeter_files",
        "Log files that were read, those that have vanished since among them.",
        state.files,
    )
    yield GaugeMetricFamily(
        "hookmeter_open_calls",
        "Tool calls that the ledger holds open, waiting for their end.",
        sum(tools.total() for tools in state.open_tools.values()),
    )
    yield GaugeMetricFamily(
        "hookmeter_read_lag_seconds",
        "For how long there have been lines on disk that are not counted yet; 0 where everything is counted.",
        meter.lag_us() / 1e6,
    )
    yield GaugeMetricFamily(
        "hookmeter_unreadable_folders", "Log folders that could not be read at the last try.", len(meter.unreadable)
    )
    yield from _ledger(state)


def _ledger(state: LedgerState) -> Iterator[Metric]:
    yield GaugeMetricFamily("hookmeter_ledger_size_bytes", "How large the ledger is.", state.size_bytes)
    yield GaugeMetricFamily(
        "hookmeter_ledger_created_timestamp_seconds",
        "When the ledger was begun, in seconds since the epoch: all counters have grown since, and begin anew with it.",
        state.created_seconds,
    )
    yield CounterMetricFamily(
        "hookmeter_ledger_write_errors",
        "Times since the exporter's start that the ledger could not take what was read; it is read and tried again.",
        state.write_errors,
    )
