"""The rules in a real Prometheus, on real programs; and an alert all the way to a real Alertmanager."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboards.alerts import ALERTS
from dashboards.recording import RECORDINGS
from exporter.demo import DemoFolders, make_history
from exporter.meter import now_us
from tests.chatserver.started import started
from tests.cli.processes import Home
from tests.conftest import program
from tests.e2e.processes import free_port, hookmeter, query, running, wait_for

ROOT = Path(__file__).parents[2]
PROVISIONING = ROOT / "provisioning"
DOWN = "HookmeterExporterDown"
OWN = re.compile(r"\b(?:claude|hookmeter)_\w+|\w+:\w+:\w+")
ALERTMANAGERS = ("prometheus-alertmanager", "alertmanager")  # Debian's name for it, and everybody's


@pytest.fixture
def alertmanager() -> str:
    return program(next(filter(shutil.which, ALERTMANAGERS), ALERTMANAGERS[0]))


@contextmanager
def prometheus_with_rules(program: str, folder: Path, addresses: dict[str, str]) -> Iterator[str]:
    """A Prometheus on the provisioned configuration and rules, which waits for nothing as long as they say."""
    (folder / "rules").mkdir(parents=True)
    for path in (PROVISIONING / "prometheus" / "rules").glob("*.yml"):
        sooner = re.sub(r"for: [1-9]\w*", "for: 1s", path.read_text().replace("interval: 1m", "interval: 200ms"))
        (folder / "rules" / path.name).write_text(sooner)
    config = (PROVISIONING / "prometheus" / "prometheus.yml").read_text().replace("15s", "200ms")
    for provisioned, actual in addresses.items():
        config = config.replace(provisioned, actual)
    (folder / "prometheus.yml").write_text(config)
    address = f"127.0.0.1:{free_port()}"
    with running([
        program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
        f"--web.listen-address={address}", "--web.console.templates=/n", "--web.console.libraries=/n",
        f"--web.user-assets={ROOT / 'docs'}",
    ]):  # fmt: skip
        wait_for(lambda: _page(f"http://{address}/-/ready"), "Prometheus to be ready")
        yield address


def test_an_exporter_that_is_killed_is_reported_to_the_alertmanager_with_a_runbook_that_opens(
    tmp_path: Path, prometheus: str, alertmanager: str
) -> None:
    told_at = f"127.0.0.1:{free_port()}"
    with (
        running([
            alertmanager, f"--config.file={PROVISIONING}/alertmanager/alertmanager.yml",
            f"--storage.path={tmp_path}/alertmanager", f"--web.listen-address={told_at}", "--cluster.listen-address=",
        ]),
        hookmeter("--sessions-dir", tmp_path / "sessions", "--data-dir", tmp_path / "data") as exporter,
    ):  # fmt: skip
        wait_for(lambda: _page(f"http://{told_at}/-/ready"), "Alertmanager to be ready")
        addresses = {"127.0.0.1:19464": exporter.address, "127.0.0.1:9093": told_at}
        with prometheus_with_rules(prometheus, tmp_path / "prometheus", addresses) as asked:
            wait_for(lambda: query(asked, 'up{job="hookmeter"} == 1'), "the exporter to be scraped")
            assert _told(told_at, DOWN) == []
            exporter.process.kill()
            exporter.process.wait()
            (alert,) = wait_for(lambda: _told(told_at, DOWN), "the alert to be told")
            assert alert["labels"]["severity"] == "critical"
            assert alert["labels"]["instance"] == exporter.address
            assert alert["annotations"]["summary"] == f"The exporter on {exporter.address} does not answer"
            path = alert["annotations"]["runbook_url"].partition("127.0.0.1:9090")[2]
            assert _page(f"http://{asked}{path}").startswith(f"# {DOWN}\n")


def test_every_rule_is_evaluated_without_fault_on_the_real_metrics_and_names_none_that_is_not_there(
    tmp_path: Path, prometheus: str
) -> None:
    folders = DemoFolders.below(tmp_path)
    make_history(folders, now_us())
    read = ("--sessions-dir", folders.sessions, "--transcripts-dir", folders.transcripts)
    environment = Home(tmp_path).environment()
    with (
        hookmeter(*read, "--data-dir", tmp_path / "data") as exporter,
        started(environment, "server", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path / "server")) as server,
    ):
        pages = [_page(f"http://{exporter.address}/metrics"), _page(f"{server.addresses[-1]}/metrics")]
        addresses = {"127.0.0.1:19464": exporter.address, "127.0.0.1:3000": server.addresses[-1].partition("//")[2]}
        with prometheus_with_rules(prometheus, tmp_path / "prometheus", addresses) as asked:
            rules = wait_for(lambda: _all_evaluated(asked), "every rule to be evaluated")
            assert {rule["name"]: rule["lastError"] for rule in rules if rule["health"] != "ok"} == {}
            assert {rule["name"] for rule in rules} == _names()
            wait_for(lambda: query(asked, "instance:claude_spent_usd:forecast_month"), "what is recorded of a scrape")
    there = {name for page in pages for name in _samples(page)} | _names()
    named = {name for rule in rules for name in OWN.findall(rule["query"])}
    assert named - there == set()


def test_an_agent_sends_on_what_it_scrapes_under_the_name_of_its_host(tmp_path: Path, prometheus: str) -> None:
    central, data = f"127.0.0.1:{free_port()}", tmp_path / "central"
    (tmp_path / "central.yml").write_text("global: {}\n")
    with (
        hookmeter("--sessions-dir", tmp_path / "sessions", "--data-dir", tmp_path / "data") as exporter,
        running([
            prometheus, f"--config.file={tmp_path}/central.yml", f"--storage.tsdb.path={data}",
            f"--web.listen-address={central}", "--web.enable-remote-write-receiver",
            "--web.console.templates=/n", "--web.console.libraries=/n",
        ]),
    ):  # fmt: skip
        wait_for(lambda: _page(f"http://{central}/-/ready"), "the central Prometheus to be ready")
        config = (PROVISIONING / "prometheus" / "agent.yml").read_text().replace("15s", "200ms")
        config = config.replace("exporter:19464", exporter.address).replace("${HOOKMETER_NODE}", "build-07")
        config = config.replace("victoriametrics:8428", central)
        (tmp_path / "agent.yml").write_text(config)
        with running([
            prometheus, "--enable-feature=agent", f"--config.file={tmp_path}/agent.yml",
            f"--storage.agent.path={tmp_path}/agent", f"--web.listen-address=127.0.0.1:{free_port()}",
        ]):  # fmt: skip
            found = wait_for(lambda: query(central, "hookmeter_open_calls"), "what the agent sends")
    assert [dict(labels) for labels in found] == [
        {"__name__": "hookmeter_open_calls", "host": "build-07", "instance": "build-07", "job": "hookmeter"}
    ]


def _names() -> set[str]:
    recorded = {rule.record for rules in RECORDINGS.values() for rule in rules}
    return recorded | {alert.name for alerts in ALERTS.values() for alert in alerts}


def _all_evaluated(address: str) -> list[dict[str, Any]] | None:
    groups = json.loads(_page(f"http://{address}/api/v1/rules"))["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None


def _told(address: str, name: str) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = json.loads(_page(f"http://{address}/api/v2/alerts"))
    return [alert for alert in alerts if alert["labels"]["alertname"] == name]


def _samples(page: str) -> Iterator[str]:
    """The names that a page has samples of, or says that it would have."""
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE):
        yield name
        if kind == "histogram":
            yield from (f"{name}_{part}" for part in ("bucket", "sum", "count"))


def _page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""
