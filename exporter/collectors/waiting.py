"""Sessions that wait for a person: how many, and since when."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.families import histogram_family
from exporter.counting.catalog import WAIT_DURATION
from exporter.ingest.meter import Meter
from exporter.model.waiting import WaitReason


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of waiting sessions."""
    waiting = GaugeMetricFamily(
        "claude_sessions_waiting",
        "Sessions that wait for a person, by reason: permission (for a call), question (of the agent, its plan, or an"
        " MCP server), or idle (the turn has ended).",
        labels=("reason",),
    )
    since = GaugeMetricFamily(
        "claude_sessions_waiting_since_timestamp_seconds",
        "Unix timestamp since which the longest-waiting session has been waiting, by reason; absent if none is.",
        labels=("reason",),
    )
    waits = meter.waits()
    for reason in WaitReason:
        started = [wait.since_us for wait in waits if wait.reason is reason]
        waiting.add_metric((reason,), len(started))
        if started:
            since.add_metric((reason,), min(started) / 1e6)
    yield from (waiting, since)
    yield histogram_family(meter.ledger.state.totals, WAIT_DURATION)
