"""The central stack of a fleet: an agent, VictoriaMetrics and vmalert, with the flags of the compose file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.alerts import ALERTS
from exporter.reports.checks.agent import check_agent
from exporter.reports.checks.finding import Verdict
from exporter.web.listen_address import parse_listen
from tests.dashboards.alert_rules import DOWN, received_alerts, write_fast_rules
from tests.dashboards.committed import ROOT, panel_queries
from tests.dashboards.compose import SERVICES, service
from tests.dashboards.totals import OF_EXPORTERS, Agents, board_totals, page_totals
from tests.e2e.processes import Running, answer, free_port, query, running, wait_for
from tests.support.engines import engines, program_of
from tests.support.page import samples_of

PROVISIONING = ROOT / "provisioning"
AGENT = (PROVISIONING / "prometheus" / "agent.yml").read_text()
HOST = "build-07"
# As docs/fleet.md has it for Prometheus 2.
OLD_AGENT = "--enable-feature=agent,expand-external-labels"
NOWHERE = "127.0.0.1:9"
AT_ONCE = "-rule.evalDelay=0s"  # rules are evaluated half a minute late otherwise
NEWEST_AGENT = pytest.mark.parametrize("of_prometheus", engines("prometheus")[-1:], indirect=True)


@dataclass(frozen=True, slots=True)
class Central:
    """A running VictoriaMetrics, and a host that sends to it."""

    address: str
    exporter: Running
    agents: Agents
    agent: str


@pytest.fixture(autouse=True)
def named_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOKMETER_NODE", HOST)


@pytest.fixture
def central(agents: Agents, of_prometheus: str, of_victoriametrics: str, tmp_path: Path) -> Iterator[Central]:
    with running_central(agents, of_prometheus, of_victoriametrics, tmp_path) as central:
        yield central


@contextmanager
def running_central(agents: Agents, of_prometheus: str, of_victoriametrics: str, tmp_path: Path) -> Iterator[Central]:
    """Run VictoriaMetrics, and a host with an exporter and an agent that sends to it."""
    address = f"127.0.0.1:{free_port()}"
    victoria_metrics = program_of(of_victoriametrics, "victoria-metrics")
    with (
        agents.exporter() as exporter,
        service(
            "victoriametrics", victoria_metrics, {"/storage/data": f"{tmp_path}/storage"},
            f"-httpListenAddr={address}", "-search.latencyOffset=0s",
        ),
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{address}/health"), "VictoriaMetrics to be healthy")
        with running_agent(of_prometheus, tmp_path, exporter.address, address) as agent:
            wait_for(lambda: query(address, "hookmeter_open_calls"), "samples from the agent")
            yield Central(address, exporter, agents, agent)


@contextmanager
def running_agent(of_prometheus: str, directory: Path, exporter: str, store: str) -> Iterator[str]:
    """Run an agent of a host that sends to a store: its address."""
    address, config = f"127.0.0.1:{free_port()}", directory / "agent.yml"
    fast = "\n    queue_config: {batch_send_deadline: 100ms}\n    send_exemplars"
    text = AGENT.replace("15s", "200ms").replace("\n    send_exemplars", fast)
    config.write_text(text.replace("exporter:19464", exporter).replace("victoriametrics:8428", store))
    is_old = of_prometheus.startswith("prometheus-2.")
    with running([
        program_of(of_prometheus, "prometheus"), OLD_AGENT if is_old else "--agent", f"--config.file={config}",
        f"--storage.agent.path={directory}/agent", f"--web.listen-address={address}",
    ]):  # fmt: skip
        wait_for(lambda: answer(f"http://{address}/-/ready"), "the agent to be ready")
        yield address


@pytest.mark.parametrize("name", ["", "${HOOKMETER_NODE}"], ids=["missing", "not expanded"])
def test_a_host_without_a_name_sends_nothing_and_the_doctor_says_so(
    agents: Agents, of_prometheus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOOKMETER_NODE", name)
    with agents.exporter() as exporter, running_agent(of_prometheus, tmp_path, exporter.address, NOWHERE) as agent:
        dropped = wait_for(lambda: sent_samples(agent, "dropped_"), "samples to be dropped")
        assert dropped > 0
        assert sent_samples(agent, "") == sent_samples(agent, "pending") == 0
        finding = check_agent(parse_listen(agent))
        assert (finding.verdict, finding.message) == (
            Verdict.ERROR,
            "the host has no name, so the agent sends nothing",
        )


def test_the_flags_of_these_agents_are_those_of_docs_and_containers() -> None:
    documented = (ROOT / "docs" / "fleet.md").read_text()
    for flags in ("--agent", OLD_AGENT):
        assert f"| `{flags} --config.file=agent.yml` |" in documented
    assert SERVICES["agent"]["command"][0] == "--agent"


def sent_samples(agent: str, what: str) -> float:
    """How many samples an agent has dropped, or sent, or has yet to send, by its own metrics."""
    name = "prometheus_remote_storage_samples_" + ("pending" if what == "pending" else f"{what}total")
    found = samples_of(answer(f"http://{agent}/metrics"))
    return sum(value for (metric, _), value in found.items() if metric == name)


def test_the_doctor_knows_the_name_of_a_host(central: Central) -> None:
    finding = check_agent(parse_listen(central.agent))
    assert (finding.verdict, finding.message) == (Verdict.OK, f"sends the samples of this host as {HOST}")


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
            {"/tmp/": f"{PROVISIONING}/alertmanager/", "=/alertmanager": f"={tmp_path}/alertmanager"},
            f"--web.listen-address={alertmanager_address}",
        ),
        service("vmalert", vmalert, replacements, f"-httpListenAddr=127.0.0.1:{free_port()}", AT_ONCE),
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{alertmanager_address}/-/ready"), "Alertmanager to be ready")
        central.exporter.process.kill()
        central.exporter.process.wait()
        (alert,) = wait_for(lambda: received_alerts(alertmanager_address, DOWN), "the alert to arrive")
        assert alert["labels"]["instance"] == HOST
        source = urlsplit(alert["generatorURL"])
        assert (source.netloc, source.path) == ("127.0.0.1:3002", "/explore")
        ((pane,),) = (json.loads(panes).values() for panes in parse_qs(source.query)["panes"])
        (rule,) = (alert for alert in ALERTS["meter"] if alert.name == DOWN)
        assert pane["datasource"] == "prometheus"
        assert "".join(pane["queries"][0]["expr"].split()) == "".join(rule.expr.split())
