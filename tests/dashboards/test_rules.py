"""The rule files: fresh, accepted by promtool, and each alert proven to fire and not to fire."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards import rules
from dashboards.alerts import ALERTS as BY_SUBJECT
from dashboards.recording import RECORDINGS
from tests.dashboards.rule_cases import costs, meter, quotas, recordings, tasks, tools
from tests.dashboards.rule_cases.case import Case, Recorded, alert_test, recording_test

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
ALERTS = {alert.name: alert for alerts in BY_SUBJECT.values() for alert in alerts}
RECORDS = {rule.record: rule.expr for made in RECORDINGS.values() for rule in made}
CASES = (*meter.CASES, *tools.CASES, *costs.CASES, *quotas.CASES, *tasks.CASES)
HEADINGS = ("## What it means", "## How to look", "## What to do")


def test_the_files_are_as_they_would_be_written_now_and_again() -> None:
    made = rules.files()
    assert [path for path, text in made.items() if (ROOT / path).read_text() != text] == []
    assert rules.files() == made


def test_promtool_accepts_the_rules(promtool: str) -> None:
    files = sorted((ROOT / rules.RULES).glob("*.yml"))
    told = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}: {case.when}")
def test_an_alert_fires_when_it_should_and_only_then(case: Case, promtool: str, tmp_path: Path) -> None:
    passes(promtool, tmp_path, alert_test(case, ALERTS[case.alert]))


@pytest.mark.parametrize("case", recordings.CASES, ids=lambda case: case.record)
def test_a_recording_rule_gives_the_true_value(case: Recorded, promtool: str, tmp_path: Path) -> None:
    passes(promtool, tmp_path, recording_test(case))


def passes(promtool: str, folder: Path, document: dict[str, Any]) -> None:
    path = folder / "test.yml"
    path.write_text(yaml.safe_dump(document))
    told = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    firing = {case.alert for case in CASES if case.fired}
    silent = {case.alert for case in CASES if not case.fired}
    assert firing == silent == set(ALERTS)


def test_every_recording_rule_has_a_case_and_its_name_says_what_it_is() -> None:
    assert {case.record for case in recordings.CASES if case.values} == set(RECORDS)
    assert [name for name in RECORDS if not re.fullmatch(r"instance(_\w+)?:\w+:\w+", name)] == []


def test_every_recording_rule_is_used_by_an_alert_or_a_board_or_another_rule() -> None:
    alerts = [alert.expr for alert in ALERTS.values()]
    boards = [path.read_text() for path in (ROOT / "provisioning" / "grafana" / "dashboards").glob("*.json")]
    unused = [name for name in RECORDS if not any(name in text for text in (*alerts, *boards, *RECORDS.values()))]
    assert unused == []


def test_every_series_that_is_used_as_recorded_is_recorded() -> None:
    used = {
        name
        for expr in (*RECORDS.values(), *(alert.expr for alert in ALERTS.values()))
        for name in re.findall(r"\w+:\w+:\w+", expr)
    }
    assert used - set(RECORDS) == set()


def test_no_two_alerts_have_one_name_and_each_tells_figures() -> None:
    assert len(ALERTS) == sum(map(len, BY_SUBJECT.values()))
    assert [alert.name for alert in ALERTS.values() if "{{ $labels.instance }}" not in alert.summary] == []
    of_figures = [alert for alert in ALERTS.values() if not alert.expr.startswith(("up", "max_over", "hookmeter_coll"))]
    assert [alert.name for alert in of_figures if "{{ $value | " not in alert.description] == []


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("[A-Z]*.md")} == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_a_runbook_says_what_it_means_how_to_look_and_what_to_do(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text()
    assert text.startswith(f"# {name}\n")
    headings = re.findall(r"^## .*$", text, re.MULTILINE)
    assert tuple(headings) == HEADINGS
    assert f"**{ALERTS[name].severity}**" in text


def test_grafana_is_told_the_same_alerts_in_its_own_words() -> None:
    found = yaml.safe_load((ROOT / rules.GRAFANA_ALERTS).read_text())
    made = [rule for group in found["groups"] for rule in group["rules"]]
    assert {rule["title"]: rule["data"][0]["model"]["expr"] for rule in made} == {
        name: alert.expr for name, alert in ALERTS.items()
    }
    assert len({rule["uid"] for rule in made}) == len(made)
    for rule in made:
        texts = " ".join(rule["annotations"].values())
        assert "$value " not in texts
        assert "${" not in texts, "Grafana would take it for a variable of the environment"
        assert {node["refId"] for node in rule["data"]} >= {rule["condition"], "query"}
        assert rule["noDataState"] == "OK"


def test_the_documents_say_how_many_alerts_there_are() -> None:
    for name in ("README.md", "CHANGELOG.md"):
        assert re.findall(r"(\d+) alerts", (ROOT / name).read_text()) == [str(len(ALERTS))]
