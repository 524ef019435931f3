"""The panel "Restarts": those of the selected exporters, also of one that is down at the end of the range."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from dashboards.queries import EXPORTER_RESTARTED, RESTARTS
from tests.dashboards.committed import filled

# Of a process each, by the minute: restarts, restarts and is down, and a process that is no exporter.
UP, DOWN, OTHER = ('job="hookmeter", instance="up"', 'job="hookmeter", instance="down"', 'job="node", instance="up"')
SERIES = {
    f"hookmeter_build_info{{{UP}}}": "1x60",
    f"hookmeter_build_info{{{DOWN}}}": "1x20 stale",
    f"process_start_time_seconds{{{UP}}}": "1x30 2x30",
    f"process_start_time_seconds{{{DOWN}}}": "1x10 2x5 3x3 stale",
    f"process_start_time_seconds{{{OTHER}}}": "1x10 2x50",
}


@pytest.mark.parametrize(("expr", "minute", "value"), [(RESTARTS, 60, 3), (EXPORTER_RESTARTED, 22, 2)])
def test_a_restart_counts_whether_the_exporter_is_up_or_down_now(
    expr: str, minute: int, value: int, promtool: str, tmp_path: Path
) -> None:
    asked = f"sum({filled(expr)})"
    expected = {"expr": asked, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": value}]}
    given = [{"series": series, "values": values} for series, values in SERIES.items()]
    path = tmp_path / "test.yml"
    path.write_text(
        yaml.safe_dump({"tests": [{"interval": "1m", "input_series": given, "promql_expr_test": [expected]}]})
    )
    check = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
