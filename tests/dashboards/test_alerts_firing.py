"""The panel "Alerts firing": alerts of Prometheus and of Grafana, and no 0 where nothing evaluates them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from dashboards.promql import ALERT_RULES
from dashboards.queries import ALERTS_FIRING

OF_PROMETHEUS = 'ALERTS{alertname="ClaudeCostSpike", alertstate="firing", instance="a"}'
OF_GRAFANA = 'GRAFANA_ALERTS{alertname="ClaudeCostSpike", alertstate="firing", instance="b", grafana_rule_uid="c"}'
PENDING = 'ALERTS{alertname="ClaudeCostSpike", alertstate="pending", instance="a"}'
OF_OTHERS = 'ALERTS{alertname="NodeDown", alertstate="firing", instance="a"}'


@pytest.mark.parametrize(
    ("series", "firing"),
    [
        pytest.param((), None, id="nothing evaluates the alerts"),
        pytest.param((ALERT_RULES,), 0, id="none fires"),
        pytest.param((ALERT_RULES, PENDING, OF_OTHERS), 0, id="one is pending, and one of others fires"),
        pytest.param((ALERT_RULES, OF_PROMETHEUS), 1, id="Prometheus evaluates them"),
        pytest.param((OF_GRAFANA,), 1, id="Grafana evaluates them"),
    ],
)
def test_the_number_is_that_of_the_alerts_that_fire(
    series: tuple[str, ...], firing: float | None, promtool: str, tmp_path: Path
) -> None:
    expected = [] if firing is None else [{"labels": "{}", "value": firing}]
    asked = {"expr": ALERTS_FIRING, "eval_time": "2m", "exp_samples": expected}
    given = [{"series": one, "values": "1 1 1"} for one in series]
    tests = [{"interval": "1m", "input_series": given, "promql_expr_test": [asked]}]
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump({"tests": tests}))
    check = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
