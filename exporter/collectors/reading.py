"""The exporter itself: what it has read, what it could not read, and its lag."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family
from exporter.counting.catalog import BYTES_READ, LABEL_OVERFLOW, LINES
from exporter.ingest.meter import Meter
from exporter.ledger.state import LedgerState


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of reading and of the ledger."""
    state = meter.ledger.state
    for counter in (LINES, BYTES_READ, LABEL_OVERFLOW):
        yield counter_family(state.totals, counter)
    yield GaugeMetricFamily(
        "hookmeter_files",
        "Log files that were read, including those that no longer exist.",
        state.files,
    )
    yield GaugeMetricFamily(
        "hookmeter_open_calls",
        "Tool calls in the ledger whose end has not been read.",
        sum(tools.total() for tools in state.open_tools.values())
        + sum(session.background_calls for session in state.sessions.values()),
    )
    yield GaugeMetricFamily(
        "hookmeter_read_lag_seconds",
        "Time for which lines on disk have been waiting to be counted; 0 if all lines are counted.",
        meter.lag_us() / 1e6,
    )
    yield GaugeMetricFamily(
        "hookmeter_unreadable_folders",
        "Log directories that could not be read at the last attempt.",
        len(meter.unreadable),
    )
    old_logs = CounterMetricFamily(
        "hookmeter_old_logs",
        "Total number of hook logs older than --keep-logs that were handled since the exporter started, by result.",
        labels=("result",),
    )
    for handled, number in meter.old_logs.items():
        old_logs.add_metric((handled.value,), number)
    yield old_logs
    yield from _ledger(state)


def _ledger(state: LedgerState) -> Iterator[Metric]:
    yield GaugeMetricFamily("hookmeter_ledger_size_bytes", "Size of the ledger in bytes.", state.size_bytes)
    yield GaugeMetricFamily(
        "hookmeter_ledger_created_timestamp_seconds",
        "Unix timestamp of the creation of the ledger; with a new ledger all counters start at zero.",
        state.created_seconds,
    )
    yield CounterMetricFamily(
        "hookmeter_ledger_write_errors",
        "Total number of failed writes to the ledger since the exporter started; the lines are read again.",
        state.write_errors,
    )
