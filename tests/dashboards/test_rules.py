"""The rule files: up to date, accepted by every engine, and with cases in which each alert fires and does not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from dashboards import rules
from dashboards.alerts import ALERTS as BY_SUBJECT
from dashboards.recording import RECORDINGS
from tests.dashboards.rule_cases import api, costs, meter, quotas, recordings, tasks, tools, waiting
from tests.dashboards.rule_cases.case import Case, Recorded
from tests.dashboards.rule_cases.tester import RuleTester
from tests.support.engines import engines

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
ALERTS = {alert.name: alert for alerts in BY_SUBJECT.values() for alert in alerts}
RECORDS = {rule.record: rule.expr for group in RECORDINGS.values() for rule in group}
CASES = (*meter.CASES, *tools.CASES, *costs.CASES, *quotas.CASES, *tasks.CASES, *api.CASES, *waiting.CASES)
HEADINGS = ("## Meaning", "## Diagnosis", "## Mitigation")


def test_the_files_are_up_to_date() -> None:
    generated = rules.files()
    assert [path for path, text in generated.items() if (ROOT / path).read_text() != text] == []
    assert rules.files() == generated


def test_promtool_accepts_the_rules(promtool: str) -> None:
    files = sorted((ROOT / rules.RULES_DIR).glob("*.yml"))
    check = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.fixture(params=engines("prometheus", "victoriametrics"))
def tester(request: pytest.FixtureRequest) -> RuleTester:
    """promtool or vmalert-tool."""
    return RuleTester.of(request.param)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}: {case.when}")
def test_an_alert_fires_exactly_when_its_case_says_so(case: Case, tester: RuleTester, tmp_path: Path) -> None:
    tester.check_alert(case, ALERTS[case.alert], tmp_path)


@pytest.mark.parametrize("case", recordings.CASES, ids=lambda case: f"{case.record} {case.when}".strip())
def test_a_recording_rule_records_the_expected_value(case: Recorded, tester: RuleTester, tmp_path: Path) -> None:
    tester.check_recording(case, tmp_path)


def test_every_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    firing = {case.alert for case in CASES if case.fired}
    silent = {case.alert for case in CASES if not case.fired}
    assert firing == silent == set(ALERTS)


def test_every_recording_rule_has_a_case_and_a_conventional_name() -> None:
    assert {case.record for case in recordings.CASES if case.values} == set(RECORDS)
    assert [name for name in RECORDS if not re.fullmatch(r"(series|instance(_\w+)?):\w+:\w+", name)] == []


def test_every_recording_rule_is_used_by_an_alert_a_board_or_another_rule_or_is_documented() -> None:
    alerts = [alert.expr for alert in ALERTS.values()]
    documents = [path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))]
    boards = [path.read_text() for path in (ROOT / "provisioning" / "grafana" / "dashboards").glob("*.json")]
    texts = (*alerts, *boards, *documents, *RECORDS.values())
    # The increases of a counter are recorded for two windows, whichever of them the documents use.
    stems = {name: re.sub(r"(?<=:increase)1[hd]$", "", name) for name in RECORDS}
    assert [name for name, stem in stems.items() if not any(stem in text for text in texts)] == []


def test_every_recorded_series_that_a_rule_uses_has_a_recording_rule() -> None:
    used = {
        name
        for expr in (*RECORDS.values(), *(alert.expr for alert in ALERTS.values()))
        for name in re.findall(r"\w+:\w+:\w+", expr)
    }
    assert used - set(RECORDS) == set()


def test_alert_names_are_unique_and_texts_have_the_instance_and_the_value() -> None:
    assert len(ALERTS) == sum(map(len, BY_SUBJECT.values()))
    assert [alert.name for alert in ALERTS.values() if "{{ $labels.instance }}" not in alert.summary] == []
    without_value = ("up", "max_over", "hookmeter_coll")
    with_value = [alert for alert in ALERTS.values() if not alert.expr.startswith(without_value)]
    assert [alert.name for alert in with_value if "{{ $value | " not in alert.description] == []


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("[A-Z]*.md")} == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_a_runbook_has_the_name_the_severity_and_the_sections(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text()
    assert text.startswith(f"# {name}\n")
    headings = re.findall(r"^## .*$", text, re.MULTILINE)
    assert tuple(headings) == HEADINGS
    alert = ALERTS[name]
    fires = "immediately" if alert.pending == "0m" else f"after {alert.pending}"
    assert f"\n**{alert.severity}** · fires {fires} · board `{alert.board}`\n" in text


def test_grafana_has_the_same_alerts_in_its_own_format() -> None:
    found = yaml.safe_load((ROOT / rules.GRAFANA_ALERTS).read_text())
    grafana_rules = [rule for group in found["groups"] for rule in group["rules"]]
    assert {rule["title"]: rule["data"][0]["model"]["expr"] for rule in grafana_rules} == {
        name: alert.expr for name, alert in ALERTS.items()
    }
    assert len({rule["uid"] for rule in grafana_rules}) == len(grafana_rules)
    for rule in grafana_rules:
        texts = " ".join(rule["annotations"].values())
        assert "$value " not in texts
        assert "${" not in texts, "Grafana would expand it as an environment variable"
        assert {node["refId"] for node in rule["data"]} >= {rule["condition"], "query"}
        assert rule["noDataState"] == "OK"


def test_the_documents_have_the_number_of_alerts() -> None:
    assert re.findall(r"(\d+) alerts", (ROOT / "README.md").read_text()) == [str(len(ALERTS))]
