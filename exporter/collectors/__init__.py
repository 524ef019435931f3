"""Collectors of the exporter, one module per subject. A new subject is a module here and an entry in COLLECTORS."""

from __future__ import annotations

from exporter.collectors import (
    activity,
    agents,
    api_health,
    build,
    code,
    quotas,
    reading,
    sessions,
    spending,
    tools,
    waiting,
)
from exporter.collectors.isolated import Collector
from exporter.ingest.meter import Meter

COLLECTORS: tuple[tuple[str, Collector[Meter]], ...] = (
    ("sessions", sessions.collect),
    ("waiting", waiting.collect),
    ("tools", tools.collect),
    ("activity", activity.collect),
    ("agents", agents.collect),
    ("code", code.collect),
    ("spending", spending.collect),
    ("api_health", api_health.collect),
    ("quotas", quotas.collect),
    ("reading", reading.collect),
    ("build", build.collect),
)
