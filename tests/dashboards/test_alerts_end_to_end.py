"""The rules in a real Prometheus, on real programs; and an alert all the way to a real Alertmanager."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dashboards.alerts import ALERTS
from dashboards.recording import RECORDINGS
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.model.clock import now_us
from tests.chatserver.started import started
from tests.dashboards.compose import service
from tests.dashboards.telling import DOWN, alerts_told, write_quick_rules
from tests.e2e.processes import answer, free_port, hookmeter, query, wait_for
from tests.support.hookmeter_process import Home

ROOT = Path(__file__).parents[2]
PROVISIONING = ROOT / "provisioning"
OWN = re.compile(r"\b(?:claude|hookmeter)_\w+|\w+:\w+:\w+")


@contextmanager
def prometheus_with_rules(program: str, folder: Path, addresses: dict[str, str]) -> Iterator[str]:
    """A Prometheus on the provisioned configuration and rules, which waits for nothing as long as they say."""
    write_quick_rules(folder / "rules")
    config = (PROVISIONING / "prometheus" / "prometheus.yml").read_text().replace("15s", "200ms")
    for provisioned, actual in addresses.items():
        config = config.replace(provisioned, actual)
    (folder / "prometheus.yml").write_text(config)
    address = f"127.0.0.1:{free_port()}"
    places = {
        "/etc/prometheus/containers.yml": f"{folder}/prometheus.yml",
        "=/prometheus": f"={folder}/tsdb",
        "=/docs": f"={ROOT / 'docs'}",
    }
    flags = (f"--web.listen-address={address}", "--web.console.templates=/n", "--web.console.libraries=/n")
    with service("prometheus", program, places, *flags):
        wait_for(lambda: answer(f"http://{address}/-/ready"), "Prometheus to be ready")
        yield address


def test_an_exporter_that_is_killed_is_reported_to_the_alertmanager_with_a_runbook_that_opens(
    tmp_path: Path, prometheus: str, alertmanager: str
) -> None:
    told_at = f"127.0.0.1:{free_port()}"
    with (
        service(
            "alertmanager", alertmanager,
            {"/etc/alertmanager/": f"{PROVISIONING}/alertmanager/", "=/alertmanager": f"={tmp_path}/alertmanager"},
            f"--web.listen-address={told_at}",
        ),
        hookmeter("--sessions-dir", tmp_path / "sessions", "--data-dir", tmp_path / "data") as exporter,
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{told_at}/-/ready"), "Alertmanager to be ready")
        addresses = {"127.0.0.1:19464": exporter.address, "127.0.0.1:9093": told_at}
        with prometheus_with_rules(prometheus, tmp_path / "prometheus", addresses) as asked:
            wait_for(lambda: query(asked, 'up{job="hookmeter"} == 1'), "the exporter to be scraped")
            assert alerts_told(told_at, DOWN) == []
            exporter.process.kill()
            exporter.process.wait()
            (alert,) = wait_for(lambda: alerts_told(told_at, DOWN), "the alert to be told")
            assert alert["labels"]["severity"] == "critical"
            assert alert["labels"]["instance"] == exporter.address
            assert alert["annotations"]["summary"] == f"The exporter on {exporter.address} does not answer"
            path = alert["annotations"]["runbook_url"].partition("127.0.0.1:9090")[2]
            assert answer(f"http://{asked}{path}").startswith(f"# {DOWN}\n")


def test_every_rule_is_evaluated_without_fault_on_the_real_metrics_and_names_none_that_is_not_there(
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
        with prometheus_with_rules(prometheus, tmp_path / "prometheus", addresses) as asked:
            rules = wait_for(lambda: _all_evaluated(asked), "every rule to be evaluated")
            assert {rule["name"]: rule["lastError"] for rule in rules if rule["health"] != "ok"} == {}
            assert {rule["name"] for rule in rules} == _names()
            wait_for(lambda: query(asked, "instance:claude_spent_usd:forecast_month"), "what is recorded of a scrape")
    there = {name for page in pages for name in _samples(page)} | _names()
    named = {name for rule in rules for name in OWN.findall(rule["query"])}
    assert named - there == set()


def _names() -> set[str]:
    recorded = {rule.record for rules in RECORDINGS.values() for rule in rules}
    return recorded | {alert.name for alerts in ALERTS.values() for alert in alerts}


def _all_evaluated(address: str) -> list[dict[str, Any]] | None:
    groups = json.loads(answer(f"http://{address}/api/v1/rules"))["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None


def _samples(page: str) -> Iterator[str]:
    """The names that a page has samples of, or says that it would have."""
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE):
        yield name
        if kind == "histogram":
            yield from (f"{name}_{part}" for part in ("bucket", "sum", "count"))
