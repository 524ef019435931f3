"""The configuration of Prometheus, Alertmanager and Grafana: valid, and about services and alerts that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from dashboards.alerts import ALERTS
from tests.dashboards.compose import SERVICES

PROVISIONING = Path(__file__).parents[2] / "provisioning"


@pytest.mark.parametrize("words", [("prometheus.yml",), ("containers.yml",), ("--agent", "agent.yml")], ids="_".join)
def test_promtool_accepts_every_configuration(words: tuple[str, ...], promtool: str) -> None:
    *flags, name = words
    path = PROVISIONING / "prometheus" / name
    check = subprocess.run([promtool, "check", "config", *flags, path], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("name", ["containers.yml", "agent.yml"])
def test_scrape_targets_in_containers_are_services_with_their_ports(name: str) -> None:
    config = yaml.safe_load((PROVISIONING / "prometheus" / name).read_text())
    targets = {
        job["job_name"]: target
        for job in config["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
    }
    # Every host of a fleet has an exporter, and only some have a server.
    assert targets == {"hookmeter": "exporter:19464"} | (
        {} if name == "agent.yml" else {"hookmeter-server": "server:3000"}
    )
    for target in targets.values():
        service, port = target.split(":")
        assert SERVICES[service]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_amtool_accepts_the_alertmanager_configuration(amtool: str) -> None:
    path = PROVISIONING / "alertmanager" / "alertmanager.yml"
    check = subprocess.run([amtool, "check-config", path], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


def test_inhibition_rules_name_existing_alerts() -> None:
    config = yaml.safe_load((PROVISIONING / "alertmanager" / "alertmanager.yml").read_text())
    names = [alert.name for alerts in ALERTS.values() for alert in alerts]
    for rule in config["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            label, pattern = re.fullmatch(r'(\w+)=~?"(.*)"', matcher).groups()  # type: ignore[union-attr]
            parts = pattern.split("|") if label == "alertname" else []
            assert [part for part in parts if not any(re.fullmatch(part, name) for name in names)] == []


def test_grafana_receives_every_variable_of_its_provisioning() -> None:
    directory = PROVISIONING / "grafana" / "provisioning"
    used = {name for path in directory.rglob("*.yml") for name in re.findall(r"[ \"]\$([A-Z_]+)", path.read_text())}
    assert used == {
        "PROMETHEUS_UID", "PROMETHEUS_URL", "ALERTMANAGER_URL", "HOOKMETER_URL", "HOOKMETER_DASHBOARDS",
        "SCRAPE_INTERVAL",
    }  # fmt: skip
    assert used <= SERVICES["grafana"]["environment"].keys()


def test_grafana_has_the_data_sources_of_its_alerts() -> None:
    directory = PROVISIONING / "grafana" / "provisioning"
    sources = [yaml.safe_load(path.read_text())["datasources"][0] for path in (directory / "datasources").iterdir()]
    assert {source["uid"]: source["type"] for source in sources} == {
        "$PROMETHEUS_UID": "prometheus",
        "alertmanager": "alertmanager",
    }
    environment = SERVICES["grafana"]["environment"]
    history = environment["GF_UNIFIED_ALERTING_STATE_HISTORY_PROMETHEUS_TARGET_DATASOURCE_UID"]
    assert environment["PROMETHEUS_UID"] == history


def test_alerts_query_the_data_source_that_the_environment_names_wherever_grafana_fills_it_in() -> None:
    """Grafana fills in variables in `datasourceUid`, and in nothing of a model."""
    path = PROVISIONING / "grafana" / "provisioning" / "alerting" / "alerts.yml"
    nodes = [
        node for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"] for node in rule["data"]
    ]
    assert {node["datasourceUid"] for node in nodes} == {"$PROMETHEUS_UID", "__expr__"}
    for node in nodes:
        models_source = node["model"].get("datasource")
        assert models_source == (None if node["refId"] == "query" else {"type": "__expr__", "uid": "__expr__"})


def test_the_steps_for_an_existing_grafana_name_files_and_variables_that_there_are() -> None:
    stack = (PROVISIONING.parent / "docs" / "stack.md").read_text()
    steps = stack.partition("## An existing Grafana")[2].partition("\n## ")[0]
    named = re.findall(r"/srv/hookmeter/(\S+?\.yml)", steps)
    assert len(named) == 3
    assert [name for name in named if not (PROVISIONING.parent / name).is_file()] == []
    copied = [name for name in named if "/grafana/" in name]
    used = {
        variable
        for name in copied
        for variable in re.findall(r"[ \"]\$([A-Z_]+)", (PROVISIONING.parent / name).read_text())
    }
    assert {variable for variable in re.findall(r"^ +([A-Z_]+)=", steps, re.MULTILINE) if variable in used} == used
