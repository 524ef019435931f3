"""Sessions: the status of recent ones, starts and durations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family, histogram_family
from exporter.counting.catalog import SESSION_DURATION, SESSIONS_STARTED
from exporter.ingest.meter import Meter
from exporter.model.records import SessionStatus
from exporter.model.sessions import status


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of sessions."""
    totals = meter.ledger.state.totals
    family = GaugeMetricFamily(
        "claude_sessions",
        "Sessions of the last 24 hours, by status: active (a log line in the last 5 minutes, or a running call or"
        " sub-agent), completed (ended, or no log line for an hour), or idle.",
        labels=("status",),
    )
    now_us = meter.clock()
    sessions = meter.recent_sessions()
    numbers = Counter(status(session, now_us) for session in sessions)
    for value in SessionStatus:
        family.add_metric((value,), numbers[value])
    yield family
    yield GaugeMetricFamily(
        "claude_sessions_without_cost",
        "Sessions of the last 24 hours whose cost is unknown, because they have no transcript"
        " (--no-session-persistence, or a directory that is not read).",
        value=sum(not session.has_transcript for session in sessions),
    )
    yield counter_family(totals, SESSIONS_STARTED)
    yield histogram_family(totals, SESSION_DURATION)
