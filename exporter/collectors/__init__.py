"""One file a subject: what was counted, as metrics. Adding a subject is a file here and its name in the list."""

from __future__ import annotations

from exporter.collectors import activity, build, quotas, reading, sessions, spending, tools
from exporter.collectors.isolated import Collector
from exporter.ingest.meter import Meter

COLLECTORS: tuple[tuple[str, Collector[Meter]], ...] = (
    ("sessions", sessions.collect),
    ("tools", tools.collect),
    ("activity", activity.collect),
    ("spending", spending.collect),
    ("quotas", quotas.collect),
    ("reading", reading.collect),
    ("build", build.collect),
)
