"""The rules in a real Prometheus with real exporters and servers, and an alert on its way to a real Alertmanager."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboards.alerts import ALERTS
from dashboards.promql import ALERT_RULES
from dashboards.recording import RECORDINGS
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.model.clock import now_us
from tests.chatserver.started import started
from tests.dashboards.alert_rules import DOWN, received_alerts, write_fast_rules
from tests.dashboards.compose import service
from tests.e2e.processes import answer, free_port, hookmeter, query, wait_for
from tests.support.hookmeter_process import Home

ROOT = Path(__file__).parents[2]
PROVISIONING = ROOT / "provisioning"
OWN_NAMES = re.compile(r"\b(?:claude|hookmeter)_\w+|\w+:\w+:\w+")


@contextmanager
def prometheus_with_rules(program: str, directory: Path, addresses: dict[str, str]) -> Iterator[str]:
    """A Prometheus with the provisioned configuration and rules, at shorter intervals."""
    write_fast_rules(directory / "rules")
    config = (PROVISIONING / "prometheus" / "prometheus.yml").read_text().replace("15s", "200ms")
    for provisioned, actual in addresses.items():
        config = config.replace(provisioned, actual)
    (directory / "prometheus.yml").write_text(config)
    address = f"127.0.0.1:{free_port()}"
    replacements = {
        "/etc/prometheus/containers.yml": f"{directory}/prometheus.yml",
        "=/prometheus": f"={directory}/tsdb",
        "=/docs": f"={ROOT / 'docs'}",
    }
    flags = (f"--web.listen-address={address}", "--web.console.templates=/n", "--web.console.libraries=/n")
    with service("prometheus", program, replacements, *flags):
        wait_for(lambda: answer(f"http://{address}/-/ready"), "Prometheus to be ready")
        yield address


def test_the_alertmanager_receives_an_alert_for_a_killed_exporter_with_a_link_to_its_runbook(
    tmp_path: Path, prometheus: str, alertmanager: str
) -> None:
    alertmanager_address = f"127.0.0.1:{free_port()}"
    with (
        service(
            "alertmanager", alertmanager,
            {"/tmp/": f"{PROVISIONING}/alertmanager/", "=/alertmanager": f"={tmp_path}/alertmanager"},
            f"--web.listen-address={alertmanager_address}",
        ),
        hookmeter("--sessions-dir", tmp_path / "sessions", "--data-dir", tmp_path / "data") as exporter,
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{alertmanager_address}/-/ready"), "Alertmanager to be ready")
        addresses = {"127.0.0.1:19464": exporter.address, "127.0.0.1:9093": alertmanager_address}
        with prometheus_with_rules(prometheus, tmp_path / "prometheus", addresses) as server_address:
            wait_for(lambda: query(server_address, 'up{job="hookmeter"} == 1'), "the exporter to be scraped")
            assert received_alerts(alertmanager_address, DOWN) == []
            exporter.process.kill()
            exporter.process.wait()
            (alert,) = wait_for(lambda: received_alerts(alertmanager_address, DOWN), "the alert to arrive")
            assert alert["labels"]["severity"] == "critical"
            assert alert["labels"]["instance"] == exporter.address
            assert alert["annotations"]["summary"] == f"The exporter on {exporter.address} is down"
            path = alert["annotations"]["runbook_url"].partition("127.0.0.1:9090")[2]
            assert answer(f"http://{server_address}{path}").startswith(f"# {DOWN}\n")


def test_every_rule_is_evaluated_on_real_metrics_without_errors_and_queries_only_existing_ones(
    tmp_path: Path, prometheus: str
) -> None:
    directories = DemoDirectories.under(tmp_path)
    write_history(directories, now_us())
    read = ("--sessions-dir", directories.sessions, "--transcripts-dir", directories.transcripts)
    environment = Home(tmp_path).environment()
    with (
        hookmeter(*read, "--data-dir", tmp_path / "data") as exporter,
        started(environment, "server", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path / "server")) as server,
    ):
        pages = [answer(f"http://{exporter.address}/metrics"), answer(f"{server.addresses[-1]}/metrics")]
        addresses = {"127.0.0.1:19464": exporter.address, "127.0.0.1:3000": server.addresses[-1].partition("//")[2]}
        with prometheus_with_rules(prometheus, tmp_path / "prometheus", addresses) as server_address:
            rules = wait_for(lambda: _all_evaluated(server_address), "every rule to be evaluated")
            assert {rule["name"]: rule["lastError"] for rule in rules if rule["health"] != "ok"} == {}
            assert {rule["name"] for rule in rules} == _names()
            wait_for(
                lambda: query(server_address, "instance:claude_spent_usd:forecast_month"),
                "the series recorded from a scrape",
            )
    existing = {name for page in pages for name in _samples(page)} | _names()
    queried = {name for rule in rules for name in OWN_NAMES.findall(rule["query"])}
    assert queried - existing == set()


def _names() -> set[str]:
    recorded = {rule.record for rules in RECORDINGS.values() for rule in rules}
    return recorded | {ALERT_RULES} | {alert.name for alerts in ALERTS.values() for alert in alerts}


def _all_evaluated(address: str) -> list[dict[str, Any]] | None:
    groups = json.loads(answer(f"http://{address}/api/v1/rules"))["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None


def _samples(page: str) -> Iterator[str]:
    """The names of the samples on a page, and of the samples that its families could have."""
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE):
        yield name
        if kind == "histogram":
            yield from (f"{name}_{part}" for part in ("bucket", "sum", "count"))
