"""Collectors in isolation: each is timed, and one that fails costs its own metrics, never the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector as RegistryCollector

from exporter.model.log import logger

log = logger(__name__)
Source = TypeVar("Source")
Collector = Callable[[Source], Iterable[Metric]]


class IsolatedCollectors(RegistryCollector, Generic[Source]):
    """Named collectors of one source as a single collector for a registry."""

    def __init__(self, source: Source, collectors: Sequence[tuple[str, Collector[Source]]]) -> None:
        self._source = source
        self._collectors = collectors

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of all collectors, then the success and the duration of each."""
        success = GaugeMetricFamily(
            "hookmeter_collector_success",
            "Whether a collector succeeded.",
            labels=("collector",),
        )
        duration = GaugeMetricFamily(
            "hookmeter_collector_duration_seconds", "Duration of the last run of a collector.", labels=("collector",)
        )
        for name, collect in self._collectors:
            started = time.perf_counter()
            families = self._try(name, collect)
            yield from families or ()
            success.add_metric((name,), families is not None)
            duration.add_metric((name,), time.perf_counter() - started)
        yield success
        yield duration

    def _try(self, name: str, collect: Collector[Source]) -> list[Metric] | None:
        try:
            return list(collect(self._source))
        except Exception:  # the page must survive the failure of any collector, and reports it itself
            log.exception("The collector %s failed; its metrics are missing from the page.", name)
            return None
