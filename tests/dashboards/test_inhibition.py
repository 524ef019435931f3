"""Inhibition of alerts that follow from another one, by a real Alertmanager with the provisioned configuration."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.alerts import ALERTS
from tests.dashboards.alert_rules import received_alerts
from tests.dashboards.committed import ROOT
from tests.dashboards.compose import service
from tests.e2e.processes import answer, free_port, wait_for

CONFIG = ROOT / "provisioning" / "alertmanager" / "alertmanager.yml"
RULES = yaml.safe_load(CONFIG.read_text())["inhibit_rules"]
NAMES = [alert.name for alerts in ALERTS.values() for alert in alerts]
SHARED = {"job": "a-job", "instance": "here", "window": "five_hour"}
Labels = dict[str, str]


def labels_of(matchers: list[str]) -> Iterator[Labels]:
    """The labels of every alert that the matchers select."""
    parts = [re.fullmatch(r'(\w+)(=~?)"(.*)"', matcher) for matcher in matchers]
    required = {part[1]: part[3] for part in parts if part}
    names = required.pop("alertname")
    yield from ({**SHARED, **required, "alertname": name} for name in NAMES if re.fullmatch(names, name))


PAIRS = [
    (source, target)
    for rule in RULES
    for source in labels_of(rule["source_matchers"])
    for target in labels_of(rule["target_matchers"])
    if source != target
]


@pytest.fixture
def alertmanager_address(alertmanager: str, tmp_path: Path) -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    replacements = {"/tmp/": f"{CONFIG.parent}/", "=/alertmanager": f"={tmp_path}/alertmanager"}
    with service("alertmanager", alertmanager, replacements, f"--web.listen-address={address}"):
        wait_for(lambda: answer(f"http://{address}/-/ready"), "Alertmanager to be ready")
        yield address


def send(address: str, *alerts: Labels) -> None:
    body = json.dumps([{"labels": labels} for labels in alerts]).encode()
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"http://{address}/api/v2/alerts", body, headers)).close()


def state(address: str, labels: Labels) -> str:
    (alert,) = [one for one in received_alerts(address, labels["alertname"]) if one["labels"] == labels]
    found: dict[str, Any] = alert["status"]
    return str(found["state"])


def test_every_rule_selects_existing_alerts() -> None:
    assert all(list(labels_of(rule[side])) for rule in RULES for side in ("source_matchers", "target_matchers"))


def test_an_alert_is_inhibited_on_the_same_instance_and_active_on_others(alertmanager_address: str) -> None:
    elsewhere = [{**target, "instance": f"elsewhere-{number}"} for number, (_, target) in enumerate(PAIRS)]
    for number, (source, target) in enumerate(PAIRS):
        # Pairs share alert names, so each has its own instance.
        send(
            alertmanager_address,
            *({**labels, "instance": f"host-{number}"} for labels in (source, target)),
            elsewhere[number],
        )
    for number, (_, target) in enumerate(PAIRS):
        here = {**target, "instance": f"host-{number}"}
        wait_for(lambda here=here: state(alertmanager_address, here) == "suppressed", f"{here} to be inhibited")  # type: ignore[misc]
    assert {state(alertmanager_address, labels) for labels in elsewhere} == {"active"}
