"""The central stack of a fleet: an agent, VictoriaMetrics and vmalert, with the flags of the compose file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dashboards.alert_rules import DOWN, received_alerts, write_fast_rules
from tests.dashboards.committed import ROOT, panel_queries
from tests.dashboards.compose import service
from tests.dashboards.totals import OF_EXPORTERS, Agents, board_totals, page_totals
from tests.e2e.processes import Running, answer, free_port, query, running, wait_for
from tests.support.engines import engines, program_of

PROVISIONING = ROOT / "provisioning"
AGENT = (PROVISIONING / "prometheus" / "agent.yml").read_text()
HOST = "build-07"
AT_ONCE = "-rule.evalDelay=0s"  # rules are evaluated half a minute late otherwise
NEWEST_AGENT = pytest.mark.parametrize("of_prometheus", engines("prometheus")[-1:], indirect=True)


@dataclass(frozen=True, slots=True)
class Central:
    """A running VictoriaMetrics, and a host that sends to it."""

    address: str
    exporter: Running
    agents: Agents


@pytest.fixture
def central(agents: Agents, of_prometheus: str, of_victoriametrics: str, tmp_path: Path) -> Iterator[Central]:
    with running_central(agents, of_prometheus, of_victoriametrics, tmp_path) as central:
        yield central


@contextmanager
def running_central(agents: Agents, of_prometheus: str, of_victoriametrics: str, tmp_path: Path) -> Iterator[Central]:
    """Run VictoriaMetrics, and a host with an exporter and an agent that sends to it."""
    address, data = f"127.0.0.1:{free_port()}", tmp_path / "agent"
    victoria_metrics = program_of(of_victoriametrics, "victoria-metrics")
    fast = "\n    queue_config: {batch_send_deadline: 100ms}\n    send_exemplars"
    with (
        agents.exporter() as exporter,
        service(
            "victoriametrics", victoria_metrics, {"/storage/data": f"{tmp_path}/storage"},
            f"-httpListenAddr={address}", "-search.latencyOffset=0s",
        ),
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{address}/health"), "VictoriaMetrics to be healthy")
        config = AGENT.replace("15s", "200ms").replace("\n    send_exemplars", fast)
        config = config.replace("exporter:19464", exporter.address).replace("victoriametrics:8428", address)
        (tmp_path / "agent.yml").write_text(config.replace("${HOOKMETER_NODE}", HOST))
        as_agent = "--enable-feature=agent" if of_prometheus.startswith("prometheus-2.") else "--agent"
        with running([
            program_of(of_prometheus, "prometheus"), as_agent, f"--config.file={tmp_path}/agent.yml",
            f"--storage.agent.path={data}", f"--web.listen-address=127.0.0.1:{free_port()}",
        ]):  # fmt: skip
            wait_for(lambda: query(address, "hookmeter_open_calls"), "samples from the agent")
            yield Central(address, exporter, agents)


def test_samples_of_a_host_arrive_under_its_name_and_give_the_same_totals(central: Central) -> None:
    found = [dict(labels) for labels in query(central.address, "hookmeter_open_calls")]
    assert found == [{"__name__": "hookmeter_open_calls", "host": HOST, "instance": HOST, "job": "hookmeter"}]
    scraped = "min(count_over_time(hookmeter_read_lag_seconds[1m])) > 3"
    wait_for(lambda: query(central.address, scraped), "a few scrapes to be sent")
    before = central.agents.page(central.exporter.address)
    central.agents.work("shop")
    expected = page_totals(before, central.agents.page(central.exporter.address), OF_EXPORTERS)
    # An agent sends the samples of a scrape in several requests.
    wait_for(lambda: board_totals(central.address, OF_EXPORTERS) == expected, "the same totals")


@NEWEST_AGENT
def test_victoriametrics_accepts_every_query_of_the_boards(central: Central) -> None:
    for board_query in panel_queries():
        query(central.address, board_query.filled)


@NEWEST_AGENT
def test_a_new_host_fires_no_alerts(
    agents: Agents, of_prometheus: str, of_victoriametrics: str, vmalert: str, tmp_path: Path
) -> None:
    """To VictoriaMetrics, the first value of a counter is an increase."""
    session = agents.directories.sessions / "a-session"
    session.mkdir()
    (session / "pre_tool_use.jsonl").write_text("no JSON\n" * 50)
    write_fast_rules(tmp_path / "rules")
    with running_central(agents, of_prometheus, of_victoriametrics, tmp_path) as central:
        agents.work("shop")
        address = f"127.0.0.1:{free_port()}"
        replacements = {
            "victoriametrics:8428": central.address,
            "alertmanager:9093": address,
            "/rules/": f"{tmp_path}/rules/",
        }
        with service("vmalert", vmalert, replacements, f"-httpListenAddr={address}", AT_ONCE):
            evaluated = "count_over_time(instance:claude_spent_usd:forecast_month[1m]) > 10"
            wait_for(lambda: query(central.address, evaluated), "the rules to be evaluated")
            assert query(central.address, 'hookmeter_lines_total{result="malformed"} == 50')
            assert json.loads(answer(f"http://{address}/api/v1/alerts"))["data"]["alerts"] == []


@NEWEST_AGENT
def test_vmalert_sends_an_alert_for_a_killed_exporter_to_the_alertmanager(
    central: Central, vmalert: str, alertmanager: str, tmp_path: Path
) -> None:
    alertmanager_address = f"127.0.0.1:{free_port()}"
    write_fast_rules(tmp_path / "rules")
    replacements = {
        "victoriametrics:8428": central.address,
        "alertmanager:9093": alertmanager_address,
        "/rules/": f"{tmp_path}/rules/",
    }
    with (
        service(
            "alertmanager", alertmanager,
            {"/etc/alertmanager/": f"{PROVISIONING}/alertmanager/", "=/alertmanager": f"={tmp_path}/alertmanager"},
            f"--web.listen-address={alertmanager_address}",
        ),
        service("vmalert", vmalert, replacements, f"-httpListenAddr=127.0.0.1:{free_port()}", AT_ONCE),
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{alertmanager_address}/-/ready"), "Alertmanager to be ready")
        central.exporter.process.kill()
        central.exporter.process.wait()
        (alert,) = wait_for(lambda: received_alerts(alertmanager_address, DOWN), "the alert to arrive")
        assert alert["labels"]["instance"] == HOST
