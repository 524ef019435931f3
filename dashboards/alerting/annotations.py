"""Annotations of alerts: their texts, and links to a board and a runbook."""

from __future__ import annotations

from dashboards.addresses import Addresses
from dashboards.alerting.record import Alert

# Escaped, as the instance is whatever the targets are named: with an ampersand or a space, the link had only a part.
INSTANCE = "{{ $labels.instance | urlquery }}"


def alert_annotations(alert: Alert, addresses: Addresses) -> dict[str, str]:
    """The annotations of an alert, with the `$value` and `$labels` of Prometheus' templates."""
    return {
        "summary": alert.summary,
        "description": alert.description,
        "dashboard": f"{addresses.grafana}/d/{alert.board}?var-{alert.variable}={INSTANCE}",
        "runbook_url": f"{addresses.runbooks}/{alert.name}.md",
    }
