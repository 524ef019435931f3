"""All alerts by subject. A new alert is a record in its subject's file, a runbook, and two test cases."""

from __future__ import annotations

from dashboards.alerting import api, costs, meter, quotas, tasks, tools, waiting
from dashboards.alerting.record import Alert

ALERTS: dict[str, tuple[Alert, ...]] = {
    "meter": meter.ALERTS,
    "tools": tools.ALERTS,
    "waiting": waiting.ALERTS,
    "costs": costs.ALERTS,
    "quotas": quotas.ALERTS,
    "tasks": tasks.ALERTS,
    "api": api.ALERTS,
}
