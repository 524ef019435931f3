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
    assert used == {"PROMETHEUS_URL", "ALERTMANAGER_URL", "HOOKMETER_URL", "HOOKMETER_DASHBOARDS", "SCRAPE_INTERVAL"}
    assert used <= SERVICES["grafana"]["environment"].keys()


def test_grafana_has_the_data_sources_of_its_alerts() -> None:
    directory = PROVISIONING / "grafana" / "provisioning"
    sources = [yaml.safe_load(path.read_text())["datasources"][0] for path in (directory / "datasources").iterdir()]
    rules = yaml.safe_load((directory / "alerting" / "alerts.yml").read_text())
    queried = {node["datasourceUid"] for group in rules["groups"] for rule in group["rules"] for node in rule["data"]}
    assert queried - {"__expr__"} == {"prometheus"}
    assert {source["uid"]: source["type"] for source in sources} == {
        "prometheus": "prometheus",
        "alertmanager": "alertmanager",
    }
