"""Quotas: the rate limit windows of a Claude subscription."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.ingest.meter import Meter

ABSENT = "; absent if unknown."


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of quotas."""
    used = GaugeMetricFamily(
        "claude_rate_limit_used_ratio",
        "Used share of the current rate limit window, as reported by Claude Code; at 1, it is used up" + ABSENT,
        labels=("window",),
    )
    resets = GaugeMetricFamily(
        "claude_rate_limit_resets_timestamp_seconds",
        "Unix timestamp at which the current rate limit window resets" + ABSENT,
        labels=("window",),
    )
    seen = GaugeMetricFamily(
        "claude_rate_limit_seen_timestamp_seconds",
        "Unix timestamp at which Claude Code last reported a new value for the rate limit window" + ABSENT,
        labels=("window",),
    )
    for window, quota in sorted(meter.quotas.current(meter.clock()).items()):
        used.add_metric((window,), quota.used_ratio)
        resets.add_metric((window,), quota.resets_us / 1e6)
        seen.add_metric((window,), quota.seen_us / 1e6)
    yield from (used, resets, seen)
