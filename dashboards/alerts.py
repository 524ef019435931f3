"""All alerts, by subject. Adding one is a record in a subject's file, its runbook, and its two cases in the tests."""

from __future__ import annotations

from dashboards.alerting import costs, meter, quotas, tasks, tools
from dashboards.alerting.record import Alert

ALERTS: dict[str, tuple[Alert, ...]] = {
    "meter": meter.ALERTS,
    "tools": tools.ALERTS,
    "costs": costs.ALERTS,
    "quotas": quotas.ALERTS,
    "tasks": tasks.ALERTS,
}
