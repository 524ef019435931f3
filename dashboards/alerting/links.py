"""What an alert tells people beside its name, and where its links lead."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.alerting.record import Alert


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where people find boards and runbooks. Prometheus serves the folder docs/ itself, as its user assets."""

    grafana: str = "http://127.0.0.1:3002"
    runbooks: str = "http://127.0.0.1:9090/user/runbooks"


def told(alert: Alert, addresses: Addresses) -> dict[str, str]:
    """What is told, with `$value` and `$labels` as Prometheus' templates know them."""
    return {
        "summary": alert.summary,
        "description": alert.description,
        "dashboard": f"{addresses.grafana}/d/{alert.board}?var-{alert.variable}={{{{ $labels.instance }}}}",
        "runbook_url": f"{addresses.runbooks}/{alert.name}.md",
    }
