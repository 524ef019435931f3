"""What an alert tells people beside its name, and where its links lead."""

from __future__ import annotations

from dashboards.addresses import Addresses
from dashboards.alerting.record import Alert


def told(alert: Alert, addresses: Addresses) -> dict[str, str]:
    """What is told, with `$value` and `$labels` as Prometheus' templates know them."""
    return {
        "summary": alert.summary,
        "description": alert.description,
        "dashboard": f"{addresses.grafana}/d/{alert.board}?var-{alert.variable}={{{{ $labels.instance }}}}",
        "runbook_url": f"{addresses.runbooks}/{alert.name}.md",
    }
