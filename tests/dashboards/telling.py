"""Rules that wait for nothing, and what an Alertmanager has been told by them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.dashboards.committed import ROOT
from tests.e2e.processes import answer

RULES = ROOT / "provisioning" / "prometheus" / "rules"
DOWN = "HookmeterExporterDown"


def write_quick_rules(folder: Path) -> None:
    """The provisioned rules, evaluated five times a second, with alerts that fire after a second."""
    folder.mkdir(parents=True)
    for path in RULES.glob("*.yml"):
        sooner = re.sub(r"for: [1-9]\w*", "for: 1s", path.read_text().replace("interval: 1m", "interval: 200ms"))
        (folder / path.name).write_text(sooner)


def alerts_told(alertmanager: str, name: str) -> list[dict[str, Any]]:
    """The alerts of a name that an Alertmanager has."""
    alerts: list[dict[str, Any]] = json.loads(answer(f"http://{alertmanager}/api/v2/alerts"))
    return [alert for alert in alerts if alert["labels"]["alertname"] == name]
