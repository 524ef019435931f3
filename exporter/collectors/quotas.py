"""Quotas: what is used of the windows by which Claude Code's subscriptions are limited."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.ingest.meter import Meter

ABSENT = "; absent where nobody knows."


def collect(meter: Meter) -> Iterator[Metric]:
    """The metrics of quotas."""
    used = GaugeMetricFamily(
        "claude_rate_limit_used_ratio",
        "What is used of the present window, as Claude Code's status line was told, of 1" + ABSENT,
        labels=("window",),
    )
    resets = GaugeMetricFamily(
        "claude_rate_limit_resets_timestamp_seconds",
        "When the window begins anew, in seconds since the epoch" + ABSENT,
        labels=("window",),
    )
    seen = GaugeMetricFamily(
        "claude_rate_limit_seen_timestamp_seconds",
        "When Claude Code last said something new of the window, in seconds since the epoch" + ABSENT,
        labels=("window",),
    )
    for window, quota in sorted(meter.quotas.current(meter.clock()).items()):
        used.add_metric((window,), quota.used_ratio)
        resets.add_metric((window,), quota.resets_us / 1e6)
        seen.add_metric((window,), quota.seen_us / 1e6)
    yield from (used, resets, seen)
