"""The panel "API error rate": the share of failed requests, also where the API has never answered."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from dashboards.queries import API_ERROR_RATIO
from tests.dashboards.committed import filled

TARGET = 'job="hookmeter", instance="web"'
PAGE = {
    f"hookmeter_read_lag_seconds{{{TARGET}}}": "0x60",
    f"hookmeter_ledger_created_timestamp_seconds{{{TARGET}}}": "0x60",
}
FAILED = {f'claude_api_errors_total{{{TARGET}, status="529", outcome="retried"}}': "0x40 3x20"}
NONE_FAILED = {f'claude_api_errors_total{{{TARGET}, status="529", outcome="retried"}}': "0x60"}
ANSWERED = {f'claude_api_requests_total{{{TARGET}, model="opus"}}': "0x40 9x20"}


@pytest.mark.parametrize(
    ("series", "expected"),
    [(FAILED, 1), (FAILED | ANSWERED, 0.25), (NONE_FAILED | ANSWERED, 0), (NONE_FAILED, None)],
)
def test_the_ratio_is_that_of_failed_requests_to_all(
    series: dict[str, str], expected: float | None, promtool: str, tmp_path: Path
) -> None:
    samples = [] if expected is None else [{"labels": "{}", "value": expected}]
    asked = {"expr": filled(API_ERROR_RATIO, "1800s"), "eval_time": "60m", "exp_samples": samples}
    given = [{"series": one, "values": values} for one, values in (PAGE | series).items()]
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump({"tests": [{"interval": "1m", "input_series": given, "promql_expr_test": [asked]}]}))
    check = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
