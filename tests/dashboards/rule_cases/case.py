"""Cases of alerts and recording rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EXPORTER = {"job": "hookmeter", "instance": "web"}
SERVER = {"job": "hookmeter-server", "instance": "web-server"}


@dataclass(frozen=True)
class Fired:
    """A firing alert: its texts and its labels without the severity."""

    summary: str
    description: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """Series in promtool's notation, and the alerts of one rule that fire at the time `at`.

    Values of metrics that are time stamps count from the start of the test.
    """

    alert: str
    when: str
    series: Mapping[str, str]
    at: str
    fired: tuple[Fired, ...] = ()
    every: str = "1m"


@dataclass(frozen=True)
class Recorded:
    """Series, and the values that a recording rule computes from them, by their labels."""

    record: str
    series: Mapping[str, str]
    at: str
    values: Mapping[str, float]
    every: str = "1m"
    when: str = ""


def exporter(metric: str, **labels: str) -> str:
    """A series with the labels of the exporter's target."""
    return _series(metric, EXPORTER | labels)


def server(metric: str, **labels: str) -> str:
    """A series with the labels of the server's target."""
    return _series(metric, SERVER | labels)


def labelled(**labels: str) -> str:
    """A series without a metric name, in promtool's notation."""
    return _series("", labels)


def _series(metric: str, labels: Mapping[str, str]) -> str:
    return metric + "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


# On every page of a target.
PAGE, TASKS_PAGE = exporter("hookmeter_read_lag_seconds"), server("claude_tasks", status="pending")
