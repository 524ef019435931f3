"""One file a subject: what was counted, as metrics. Adding a subject is a file here and its name in the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.metrics_core import Metric

from exporter.collectors import activity, build, quotas, reading, sessions, spending, tools
from exporter.ingest.meter import Meter

Collector = Callable[[Meter], Iterable[Metric]]

COLLECTORS: tuple[tuple[str, Collector], ...] = (
    ("sessions", sessions.collect),
    ("tools", tools.collect),
    ("activity", activity.collect),
    ("spending", spending.collect),
    ("quotas", quotas.collect),
    ("reading", reading.collect),
    ("build", build.collect),
)
