"""Alerts and recording rules as files, written for Prometheus and for Grafana from the same records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from dashboards import grafana_alerts
from dashboards.addresses import HERE, Addresses
from dashboards.alerting.links import told
from dashboards.alerting.record import Alert
from dashboards.alerts import ALERTS
from dashboards.recording import RECORDINGS, Recording
from dashboards.stack import CONTAINERS, PROMETHEUS, in_containers

ROOT = Path(__file__).parents[1]
RULES = Path("provisioning/prometheus/rules")
GRAFANA_ALERTS = Path("provisioning/grafana/provisioning/alerting/alerts.yml")
INTERVAL = "1m"
HEAD = "# Written by `hookmeter dashboards build`; what you change here is lost. {source}\n"


class Dumper(yaml.SafeDumper):
    """YAML in which a text of several lines stands as such."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Write everything out: a reader follows no anchors."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, _text)


def files(where: Addresses = HERE) -> dict[Path, str]:
    """Every file that is made of the records, by its path in the repository."""
    recording = _groups("recording", {name: map(_recorded, rules) for name, rules in RECORDINGS.items()})
    alerts = _groups("alerts", {name: (_alert(alert, where) for alert in made) for name, made in ALERTS.items()})
    return {
        RULES / "recording.yml": _yaml(recording, "dashboards/recording.py has the rules."),
        RULES / "alerts.yml": _yaml(alerts, "dashboards/alerting/ has the alerts, docs/runbooks/ what to do."),
        GRAFANA_ALERTS: _yaml(grafana_alerts.document(ALERTS, where, INTERVAL), "dashboards/alerting/ has the alerts."),
        CONTAINERS: HEAD.format(source=f"{PROMETHEUS.name} beside it is its source.")
        + in_containers((ROOT / PROMETHEUS).read_text()),
    }


def _groups(kind: str, rules: Mapping[str, Iterable[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "groups": [
            {"name": f"hookmeter-{kind}-{subject}", "interval": INTERVAL, "rules": list(made)}
            for subject, made in rules.items()
        ]
    }


def _recorded(rule: Recording) -> dict[str, Any]:
    return {"record": rule.record, "expr": rule.expr}


def _alert(alert: Alert, addresses: Addresses) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.hold,
        "labels": {"severity": str(alert.severity)},
        "annotations": told(alert, addresses),
    }


def _yaml(document: dict[str, Any], source: str) -> str:
    body = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100_000)
    return HEAD.format(source=source) + body
