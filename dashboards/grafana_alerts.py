"""Alerts in the format of Grafana's file provisioning, where Grafana is to evaluate them instead of Prometheus."""

from __future__ import annotations

import re
from typing import Any

from dashboards.addresses import Addresses
from dashboards.alerting.links import told
from dashboards.alerting.record import Alert

DATASOURCE = "prometheus"  # the uid that provisioning/grafana/provisioning/datasources gives it
EXPRESSION = "__expr__"
SECONDS_BACK = 600
VALUE = re.compile(r"\$value\b")
UID_LENGTH = 40


def document(alerts: dict[str, tuple[Alert, ...]], addresses: Addresses, interval: str) -> dict[str, Any]:
    """The whole file."""
    groups = [
        {
            "orgId": 1,
            "name": f"hookmeter-alerts-{subject}",
            "folder": "hookmeter",
            "interval": interval,
            "rules": [_rule(alert, addresses) for alert in made],
        }
        for subject, made in alerts.items()
    ]
    return {"apiVersion": 1, "groups": groups}


def _rule(alert: Alert, addresses: Addresses) -> dict[str, Any]:
    texts = {name: VALUE.sub("$values.query.Value", text) for name, text in told(alert, addresses).items()}
    return {
        "uid": alert.name.lower()[:UID_LENGTH],
        "title": alert.name,
        "condition": "fires",
        "data": [_query(alert.expr), _is_there(), _fires()],
        "noDataState": "OK",  # as in Prometheus, a series that is not there is no alert
        "execErrState": "Error",
        "for": alert.hold,
        "missing_series_evals_to_resolve": 1,
        "labels": {"severity": str(alert.severity)},
        "annotations": texts,
    }


def _query(expr: str) -> dict[str, Any]:
    model = {"refId": "query", "expr": expr, "instant": True, "range": False, "editorMode": "code"}
    return {**_node("query", DATASOURCE, model), "relativeTimeRange": {"from": SECONDS_BACK, "to": 0}}


def _is_there() -> dict[str, Any]:
    """1 for each series that the query gives, whatever its value: a comparison leaves 0 where 0 is what is wrong."""
    expression = "is_number($query) || is_nan($query) || is_inf($query)"
    return _node("there", EXPRESSION, {"refId": "there", "type": "math", "expression": expression})


def _fires() -> dict[str, Any]:
    above_zero = {"evaluator": {"type": "gt", "params": [0]}}
    return _node(
        "fires",
        EXPRESSION,
        {"refId": "fires", "type": "threshold", "expression": "there", "conditions": [above_zero]},
    )


def _node(name: str, datasource: str, model: dict[str, Any]) -> dict[str, Any]:
    kind = EXPRESSION if datasource == EXPRESSION else "prometheus"
    return {
        "refId": name,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": datasource,
        "model": {**model, "datasource": {"type": kind, "uid": datasource}},
    }
