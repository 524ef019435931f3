"""What a case of an alert is, and how promtool is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboards.addresses import HERE
from dashboards.alerting.links import told
from dashboards.alerting.record import EITHER, Alert
from dashboards.alerts import ALERTS
from dashboards.recording import RECORDINGS

EXPORTER = {"job": "hookmeter", "instance": "web"}
SERVER = {"job": "hookmeter-server", "instance": "web-server"}
GROUPS = [*(f"hookmeter-recording-{name}" for name in RECORDINGS), *(f"hookmeter-alerts-{name}" for name in ALERTS)]
RULES = Path(__file__).parents[3] / "provisioning" / "prometheus" / "rules"


@dataclass(frozen=True)
class Fired:
    """An alert that is on its way to somebody, and what it tells them."""

    summary: str
    description: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """Series as promtool writes them down, and which of an alert's series fire a while after."""

    alert: str
    when: str
    series: Mapping[str, str]
    at: str
    fired: tuple[Fired, ...] = ()
    every: str = "1m"


@dataclass(frozen=True)
class Recorded:
    """Series, and what a recording rule makes of them."""

    record: str
    series: Mapping[str, str]
    at: str
    values: Mapping[str, float]
    every: str = field(default="1m")


def exporter(metric: str, **labels: str) -> str:
    """A series of the exporter."""
    return _series(metric, EXPORTER | labels)


def server(metric: str, **labels: str) -> str:
    """A series of the server."""
    return _series(metric, SERVER | labels)


def labelled(**labels: str) -> str:
    """A series without a name, as promtool writes it."""
    return _series("", labels)


def _series(metric: str, labels: Mapping[str, str]) -> str:
    return metric + "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


def alert_test(case: Case, alert: Alert) -> dict[str, Any]:
    """The case as a file of `promtool test rules`."""
    expected = [
        {"exp_labels": {"severity": str(alert.severity), **fired.labels}, "exp_annotations": _annotations(alert, fired)}
        for fired in case.fired
    ]
    asked = {"eval_time": case.at, "alertname": alert.name, "exp_alerts": expected}
    return _document(case.series, case.every, {"alert_rule_test": [asked]})


def recording_test(case: Recorded) -> dict[str, Any]:
    """The same of a recording rule."""
    samples = [{"labels": labels, "value": value} for labels, value in case.values.items()]
    rounded = f"round({case.record}, 1e-6)"  # what is computed is seldom exact; rounding takes the name off
    asked = {"expr": rounded, "eval_time": case.at, "exp_samples": samples}
    return _document(case.series, case.every, {"promql_expr_test": [asked]})


def _document(series: Mapping[str, str], every: str, asked: dict[str, Any]) -> dict[str, Any]:
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    return {
        "rule_files": [str(RULES / name) for name in ("recording.yml", "alerts.yml")],
        "evaluation_interval": every,
        "group_eval_order": GROUPS,  # otherwise alerts see what was recorded a minute before, or now, by chance
        "tests": [{"interval": every, "input_series": inputs, **asked}],
    }


def _annotations(alert: Alert, fired: Fired) -> dict[str, str]:
    links = told(alert, HERE)
    return {
        "summary": fired.summary,
        "description": fired.description,
        "dashboard": links["dashboard"]
        .replace("{{ $labels.instance }}", fired.labels["instance"])
        .replace(EITHER, "server" if fired.labels["job"] == SERVER["job"] else "instance"),
        "runbook_url": links["runbook_url"],
    }
