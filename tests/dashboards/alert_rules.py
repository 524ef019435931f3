"""The provisioned rules with short waiting times, and the alerts that an Alertmanager has received."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dashboards.increases import PAGE_COMPLETE
from tests.dashboards.committed import ROOT
from tests.e2e.processes import answer

RULES = ROOT / "provisioning" / "prometheus" / "rules"
DOWN = "HookmeterExporterDown"


def write_fast_rules(directory: Path) -> None:
    """Write the provisioned rules, evaluated five times a second, with alerts that fire after a second."""
    directory.mkdir(parents=True)
    for path in RULES.glob("*.yml"):
        fast = re.sub(r"interval: \d+m", "interval: 200ms", path.read_text())
        fast = re.sub(r"for: [1-9]\w*", "for: 1s", fast.replace(f"offset {PAGE_COMPLETE}", "offset 2s"))
        (directory / path.name).write_text(fast)


def received_alerts(alertmanager: str, name: str) -> list[dict[str, Any]]:
    """The alerts of a name that an Alertmanager has received."""
    alerts: list[dict[str, Any]] = json.loads(answer(f"http://{alertmanager}/api/v2/alerts"))
    return [alert for alert in alerts if alert["labels"]["alertname"] == name]
