"""Cases of alerts and recording rules, and the test files for promtool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboards.addresses import LOCAL
from dashboards.alerting.annotations import alert_annotations
from dashboards.alerting.record import VARIABLE_BY_JOB, Alert
from dashboards.alerts import ALERTS
from dashboards.recording import RECORDINGS

EXPORTER = {"job": "hookmeter", "instance": "web"}
SERVER = {"job": "hookmeter-server", "instance": "web-server"}
GROUPS = [*(f"hookmeter-recording-{name}" for name in RECORDINGS), *(f"hookmeter-alerts-{name}" for name in ALERTS)]
RULES = Path(__file__).parents[3] / "provisioning" / "prometheus" / "rules"


@dataclass(frozen=True)
class Fired:
    """A firing alert: its texts and its labels without the severity."""

    summary: str
    description: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """Series in promtool's notation, and the alerts of one rule that fire at the time `at`."""

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
    every: str = field(default="1m")


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


def alert_test(case: Case, alert: Alert) -> dict[str, Any]:
    """The document for `promtool test rules` of an alert."""
    expected = [
        {"exp_labels": {"severity": str(alert.severity), **fired.labels}, "exp_annotations": _annotations(alert, fired)}
        for fired in case.fired
    ]
    test = {"eval_time": case.at, "alertname": alert.name, "exp_alerts": expected}
    return _document(case.series, case.every, {"alert_rule_test": [test]})


def recording_test(case: Recorded) -> dict[str, Any]:
    """The document for `promtool test rules` of a recording rule."""
    samples = [{"labels": labels, "value": value} for labels, value in case.values.items()]
    rounded = f"round({case.record}, 1e-6)"  # floating point; rounding also removes the metric name
    test = {"expr": rounded, "eval_time": case.at, "exp_samples": samples}
    return _document(case.series, case.every, {"promql_expr_test": [test]})


def _document(series: Mapping[str, str], every: str, tests: dict[str, Any]) -> dict[str, Any]:
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    return {
        "rule_files": [str(RULES / name) for name in ("recording.yml", "alerts.yml")],
        "evaluation_interval": every,
        "group_eval_order": GROUPS,  # alerts must see the series recorded in the same evaluation
        "tests": [{"interval": every, "input_series": inputs, **tests}],
    }


def _annotations(alert: Alert, fired: Fired) -> dict[str, str]:
    links = alert_annotations(alert, LOCAL)
    return {
        "summary": fired.summary,
        "description": fired.description,
        "dashboard": links["dashboard"]
        .replace("{{ $labels.instance }}", fired.labels["instance"])
        .replace(VARIABLE_BY_JOB, "server" if fired.labels["job"] == SERVER["job"] else "instance"),
        "runbook_url": links["runbook_url"],
    }
