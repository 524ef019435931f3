"""Alerts in Grafana's file provisioning format, for setups where Grafana evaluates them instead of Prometheus."""

from __future__ import annotations

import re
from typing import Any

from dashboards.addresses import Addresses
from dashboards.alerting.annotations import alert_annotations
from dashboards.alerting.record import Alert

DATASOURCE = "$PROMETHEUS_UID"
"""The uid of the data source, which Grafana takes from its environment, so that the rules fit any Grafana."""
EXPRESSION = "__expr__"
QUERY_RANGE_SECONDS = 600
VALUE = re.compile(r"\$value\b")
MAX_UID_LENGTH = 40


def document(alerts: dict[str, tuple[Alert, ...]], addresses: Addresses, interval: str) -> dict[str, Any]:
    """The whole file, with one rule group per subject."""
    groups = [
        {
            "orgId": 1,
            "name": f"hookmeter-alerts-{subject}",
            "folder": "hookmeter",
            "interval": interval,
            "rules": [_rule(alert, addresses) for alert in alerts_of_subject],
        }
        for subject, alerts_of_subject in alerts.items()
    ]
    return {"apiVersion": 1, "groups": groups}


def _rule(alert: Alert, addresses: Addresses) -> dict[str, Any]:
    texts = {name: VALUE.sub("$values.query.Value", text) for name, text in alert_annotations(alert, addresses).items()}
    return {
        "uid": alert.name.lower()[:MAX_UID_LENGTH],
        "title": alert.name,
        "condition": "fires",
        "data": [_query(alert.expr), _exists(), _fires()],
        "noDataState": "OK",  # as in Prometheus, no series means no alert
        "execErrState": "Error",
        "for": alert.pending,
        "missing_series_evals_to_resolve": 1,
        "labels": {"severity": str(alert.severity)},
        "annotations": texts,
    }


def _query(expr: str) -> dict[str, Any]:
    model = {"refId": "query", "expr": expr, "instant": True, "range": False, "editorMode": "code"}
    return {**_node("query", DATASOURCE, model), "relativeTimeRange": {"from": QUERY_RANGE_SECONDS, "to": 0}}


def _exists() -> dict[str, Any]:
    """Map each series of the query to 1: in Prometheus a series fires whatever its value, in Grafana 0 does not."""
    expression = "is_number($query) || is_nan($query) || is_inf($query)"
    return _node("exists", EXPRESSION, {"refId": "exists", "type": "math", "expression": expression})


def _fires() -> dict[str, Any]:
    above_zero = {"evaluator": {"type": "gt", "params": [0]}}
    return _node(
        "fires",
        EXPRESSION,
        {"refId": "fires", "type": "threshold", "expression": "exists", "conditions": [above_zero]},
    )


def _node(name: str, datasource: str, model: dict[str, Any]) -> dict[str, Any]:
    # Grafana fills in no variables in the model, so the data source is only in front of it.
    named = {"datasource": {"type": EXPRESSION, "uid": EXPRESSION}} if datasource == EXPRESSION else {}
    return {
        "refId": name,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": datasource,
        "model": {**model, **named},
    }
