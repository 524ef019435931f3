"""The version of hookmeter and its platform."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.ingest.meter import Meter

VERSION = version("hookmeter")


def collect(_meter: Meter) -> Iterator[Metric]:
    """Yield the constant metric with version and platform as labels."""
    family = GaugeMetricFamily(
        "hookmeter_build_info",
        "A metric with a constant '1' value labeled by version, Python version and platform of the exporter.",
        labels=("version", "python", "platform"),
    )
    family.add_metric((VERSION, platform.python_version(), platform.system().lower()), 1)
    yield family
