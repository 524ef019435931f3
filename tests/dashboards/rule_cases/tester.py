"""Unit tests of rules, which promtool and vmalert-tool read in almost the same format."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import yaml

from dashboards.addresses import LOCAL
from dashboards.alerting.annotations import INSTANCE, alert_annotations
from dashboards.alerting.record import VARIABLE_BY_JOB, Alert
from dashboards.recording import RECORDINGS
from tests.dashboards.rule_cases.case import SERVER, Case, Fired, Recorded
from tests.support.engines import program_of

RULES = Path(__file__).parents[3] / "provisioning" / "prometheus" / "rules"
PROVISIONED = [
    group for name in ("recording.yml", "alerts.yml") for group in yaml.safe_load((RULES / name).read_text())["groups"]
]
EXPRESSIONS = {rule.record: rule.expr for rules in RECORDINGS.values() for rule in rules}
FIRST_NUMBER = re.compile(r"(?<!\S)\d+")


@dataclass(frozen=True, slots=True)
class RuleTester:
    """A program that tests rules."""

    command: tuple[str, ...]
    start_seconds: int  # of its clock, when a test starts: a 1 January for both
    of_expressions: str  # its name for tests of expressions

    @classmethod
    def of(cls, engine: str) -> RuleTester:
        if engine.startswith("prometheus-"):
            return cls((program_of(engine, "promtool"), "test", "rules"), 0, "promql_expr_test")
        command = (program_of(engine, "vmalert-tool"), "unittest", "--disableAlertgroupLabel", "--files")
        return cls(command, 946_684_800, "metricsql_expr_test")

    def check_alert(self, case: Case, alert: Alert, directory: Path) -> None:
        """Assert that an alert fires as its case expects."""
        expected = [
            {"exp_labels": {"severity": str(alert.severity), **fired.labels}, "exp_annotations": texts(alert, fired)}
            for fired in case.fired
        ]
        tests = {"alert_rule_test": [{"eval_time": case.at, "alertname": alert.name, "exp_alerts": expected}]}
        self._run(case, {alert.name, *records_in([alert.expr])}, tests, directory)

    def check_recording(self, case: Recorded, directory: Path) -> None:
        """Assert that a recording rule records the values of its case."""
        # Whole millionths, because values are floating-point numbers. The arithmetic also removes the metric name.
        samples = [{"labels": labels, "value": round(value * 1e6)} for labels, value in case.values.items()]
        test = {"expr": f"floor({case.record} * 1e6 + 0.5)", "eval_time": case.at, "exp_samples": samples}
        self._run(case, records_in([case.record]), {self.of_expressions: [test]}, directory)

    def _run(self, case: Case | Recorded, rules: set[str], tests: dict[str, Any], directory: Path) -> None:
        groups = groups_with(rules)
        document = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": case.every,
            "group_eval_order": [group["name"] for group in groups],  # alerts must see the series just recorded
            "tests": [{"interval": case.every, "input_series": self._inputs(case.series), **tests}],
        }
        (directory / "rules.yml").write_text(yaml.safe_dump({"groups": groups}))
        (directory / "test.yml").write_text(yaml.safe_dump(document))
        done = subprocess.run([*self.command, directory / "test.yml"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _inputs(self, series: Mapping[str, str]) -> list[dict[str, str]]:
        """The series of a case, whose time stamps count from the start of the test."""
        return [
            {"series": name, "values": self._at_start(values) if "_timestamp_seconds{" in name else values}
            for name, values in series.items()
        ]

    def _at_start(self, values: str) -> str:
        return FIRST_NUMBER.sub(lambda number: str(int(number[0]) + self.start_seconds), values)


def records_in(expressions: Collection[str]) -> set[str]:
    """The recording rules that expressions use, and those that they use in turn."""
    found = {record for record in EXPRESSIONS for expression in expressions if record in expression}
    return found | records_in([EXPRESSIONS[record] for record in found]) if found else found


def groups_with(names: set[str]) -> list[dict[str, Any]]:
    """The provisioned groups with these rules alone: the others would take most of a test's time."""
    groups = [
        group | {"rules": [rule for rule in group["rules"] if names & {rule.get("alert"), rule.get("record")}]}
        for group in PROVISIONED
    ]
    return [group for group in groups if group["rules"]]


def texts(alert: Alert, fired: Fired) -> dict[str, str]:
    """The annotations of an alert that fires."""
    links = alert_annotations(alert, LOCAL)
    return {
        "summary": fired.summary,
        "description": fired.description,
        "dashboard": links["dashboard"]
        .replace(INSTANCE, quote_plus(fired.labels["instance"]))
        .replace(VARIABLE_BY_JOB, "server" if fired.labels["job"] == SERVER["job"] else "instance"),
        "runbook_url": links["runbook_url"],
    }
