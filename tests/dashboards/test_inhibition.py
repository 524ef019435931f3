"""What follows from something else is not told again: by a real Alertmanager on the provisioned configuration."""

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
from tests.dashboards.committed import ROOT
from tests.dashboards.compose import service
from tests.dashboards.telling import alerts_told
from tests.e2e.processes import answer, free_port, wait_for

CONFIG = ROOT / "provisioning" / "alertmanager" / "alertmanager.yml"
RULES = yaml.safe_load(CONFIG.read_text())["inhibit_rules"]
NAMES = [alert.name for alerts in ALERTS.values() for alert in alerts]
SHARED = {"job": "a-job", "instance": "here", "window": "five_hour"}
Labels = dict[str, str]


def labels_of(matchers: list[str]) -> Iterator[Labels]:
    """The labels of every alert that these matchers are of."""
    parts = [re.fullmatch(r'(\w+)(=~?)"(.*)"', matcher) for matcher in matchers]
    wanted = {part[1]: part[3] for part in parts if part}
    names = wanted.pop("alertname")
    yield from ({**SHARED, **wanted, "alertname": name} for name in NAMES if re.fullmatch(names, name))


PAIRS = [
    (source, target)
    for rule in RULES
    for source in labels_of(rule["source_matchers"])
    for target in labels_of(rule["target_matchers"])
    if source != target
]


@pytest.fixture
def told_at(alertmanager: str, tmp_path: Path) -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    places = {"/etc/alertmanager/": f"{CONFIG.parent}/", "=/alertmanager": f"={tmp_path}/alertmanager"}
    with service("alertmanager", alertmanager, places, f"--web.listen-address={address}"):
        wait_for(lambda: answer(f"http://{address}/-/ready"), "Alertmanager to be ready")
        yield address


def tell(address: str, *alerts: Labels) -> None:
    body = json.dumps([{"labels": labels} for labels in alerts]).encode()
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"http://{address}/api/v2/alerts", body, headers)).close()


def state(address: str, labels: Labels) -> str:
    (alert,) = [one for one in alerts_told(address, labels["alertname"]) if one["labels"] == labels]
    found: dict[str, Any] = alert["status"]
    return str(found["state"])


def test_every_rule_is_of_alerts_that_there_are() -> None:
    assert all(list(labels_of(rule[side])) for rule in RULES for side in ("source_matchers", "target_matchers"))


def test_what_follows_is_silent_here_and_told_elsewhere(told_at: str) -> None:
    elsewhere = [{**target, "instance": f"elsewhere-{number}"} for number, (_, target) in enumerate(PAIRS)]
    for number, (source, target) in enumerate(PAIRS):
        # Pairs share names: each has an instance of its own.
        tell(told_at, *({**labels, "instance": f"host-{number}"} for labels in (source, target)), elsewhere[number])
    for number, (_, target) in enumerate(PAIRS):
        here = {**target, "instance": f"host-{number}"}
        wait_for(lambda here=here: state(told_at, here) == "suppressed", f"{here} to be silent")  # type: ignore[misc]
    assert {state(told_at, labels) for labels in elsewhere} == {"active"}
