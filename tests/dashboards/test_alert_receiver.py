"""The receiver of alerts that one variable sets: accepted by Alertmanager, which delivers to it."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest
import yaml

from tests.dashboards.committed import ROOT
from tests.dashboards.compose import SERVICES, service
from tests.e2e.processes import answer, free_port, wait_for
from tests.support.inbox import open_inbox

SCRIPT = ROOT / "provisioning" / "alertmanager" / "receiver.sh"
CONFIG = SCRIPT.with_name("alertmanager.yml")
DELIVERY_SECONDS = 60
URLS = {
    "https://hooks.slack.com/services/T0/B0/abc": "slack_configs",
    "https://discord.com/api/webhooks/1/abc_def-g": "discord_configs",
    "https://ntfy.example.org/agents?auth=abc%20d&up=1": "webhook_configs",
    "http://127.0.0.1:9/": "webhook_configs",
}


def run(url: str | None) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"]} | ({} if url is None else {"HOOKMETER_ALERTS_URL": url})
    return subprocess.run(["/bin/sh", SCRIPT], env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("url", URLS)
def test_alertmanager_accepts_the_receiver_of_each_kind_of_address(url: str, amtool: str, tmp_path: Path) -> None:
    path = tmp_path / "alertmanager.yml"
    path.write_text(run(url).stdout)
    check = subprocess.run([amtool, "check-config", path], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
    (receiver,) = yaml.safe_load(path.read_text())["receivers"]
    assert receiver.keys() == {"name", URLS[url]}
    assert url in receiver[URLS[url]][0].values()


@pytest.mark.parametrize("url", [None, ""])
def test_without_an_address_nobody_is_notified(url: str | None) -> None:
    assert run(url).stdout == CONFIG.read_text()
    assert yaml.safe_load(CONFIG.read_text())["receivers"] == [{"name": "people"}]


@pytest.mark.parametrize(
    "url",
    [
        "hooks.slack.com/secret",
        "https://",
        "ftp://secret/",
        "https://a/ secret",
        "https://secret/'}]",
        "http://a/\nsecret",
    ],
)
def test_an_invalid_address_is_an_error_of_one_sentence(url: str) -> None:
    result = run(url)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("HOOKMETER_ALERTS_URL ")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr


def test_the_container_uses_the_configuration_with_the_receiver() -> None:
    alertmanager = SERVICES["alertmanager"]
    assert alertmanager["environment"] == {"HOOKMETER_ALERTS_URL": "${HOOKMETER_ALERTS_URL:-}"}
    assert alertmanager["entrypoint"][:2] == ["/bin/sh", "-c"]
    assert "receiver.sh > /tmp/alertmanager.yml" in alertmanager["entrypoint"][2]
    assert "--config.file=/tmp/alertmanager.yml" in alertmanager["command"]


def test_a_real_alertmanager_delivers_to_the_address(alertmanager: str, tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    replacements = {"/tmp/": f"{tmp_path}/", "=/alertmanager": f"={tmp_path}/data"}
    with open_inbox() as inbox:
        (tmp_path / "alertmanager.yml").write_text(run(f"http://{inbox.address}/hook?a=b").stdout)
        with service("alertmanager", alertmanager, replacements, f"--web.listen-address={address}"):
            wait_for(lambda: answer(f"http://{address}/-/ready"), "Alertmanager to be ready")
            labels = {"alertname": "ClaudeBudgetSpent", "severity": "critical", "instance": "web", "period": "day"}
            body = json.dumps([{"labels": labels, "annotations": {"summary": "The budget is spent"}}]).encode()
            headers = {"Content-Type": "application/json"}
            urllib.request.urlopen(urllib.request.Request(f"http://{address}/api/v2/alerts", body, headers)).close()
            path, body = inbox.received.get(timeout=DELIVERY_SECONDS)
    sent = json.loads(body)
    assert path == "/hook?a=b"
    assert sent["status"] == "firing"
    assert [alert["annotations"]["summary"] for alert in sent["alerts"]] == ["The budget is spent"]
