"""Collectors in isolation: a failing one costs its own metrics, and each is timed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.isolated import Collector, IsolatedCollectors
from tests.support.page import Samples, sample, samples_of


def good(value: int) -> Iterator[Metric]:
    yield GaugeMetricFamily("good", "A value.", value)


def failing_midway(value: int) -> Iterator[Metric]:
    yield GaugeMetricFamily("half_done", "A value that must not be shown.", value)
    raise ValueError("broken")


COLLECTORS: tuple[tuple[str, Collector[int]], ...] = (("first", failing_midway), ("second", good))


@pytest.fixture
def page() -> Samples:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(IsolatedCollectors(7, COLLECTORS))
    return samples_of(generate_latest(registry).decode())


def test_a_failing_collector_costs_its_own_metrics_only(page: Samples) -> None:
    assert page[sample("good")] == 7
    assert sample("half_done") not in page


def test_the_page_reports_which_collector_failed(page: Samples) -> None:
    assert page[sample("hookmeter_collector_success", collector="first")] == 0
    assert page[sample("hookmeter_collector_success", collector="second")] == 1


def test_each_collector_is_timed(page: Samples) -> None:
    for name, _ in COLLECTORS:
        assert page[sample("hookmeter_collector_duration_seconds", collector=name)] > 0


def test_a_failure_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    list(IsolatedCollectors(7, COLLECTORS).collect())
    (record,) = caplog.records
    assert "collector first failed" in record.getMessage()
    assert record.exc_info


def test_a_collector_added_later_is_on_the_next_page() -> None:
    collectors: list[tuple[str, Collector[int]]] = []
    isolated = IsolatedCollectors(7, collectors)
    collectors.append(("late", good))
    assert "good" in {metric.name for metric in isolated.collect()}
