"""Where a fleet's metrics come together: an agent, VictoriaMetrics and vmalert, run as the compose file says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import program
from tests.dashboards.committed import ROOT, filled, panel_queries
from tests.dashboards.compose import service
from tests.dashboards.telling import DOWN, alerts_told, write_quick_rules
from tests.dashboards.totals import OF_EXPORTERS, Agents, told, true
from tests.e2e.processes import Running, answer, free_port, query, running, wait_for

PROVISIONING = ROOT / "provisioning"
AGENT = (PROVISIONING / "prometheus" / "agent.yml").read_text()
HOST = "build-07"


@dataclass(frozen=True, slots=True)
class Central:
    """The central place, and a host that sends to it."""

    address: str
    exporter: Running
    agents: Agents


@pytest.fixture
def central(agents: Agents, prometheus: str, tmp_path: Path) -> Iterator[Central]:
    with at_work(agents, prometheus, tmp_path) as central:
        yield central


@contextmanager
def at_work(agents: Agents, prometheus: str, tmp_path: Path) -> Iterator[Central]:
    """The central place, to which a host's agent sends."""
    address, data = f"127.0.0.1:{free_port()}", tmp_path / "agent"
    sooner = "\n    queue_config: {batch_send_deadline: 100ms}\n    send_exemplars"
    with (
        agents.exporter() as exporter,
        service(
            "victoriametrics", program("victoria-metrics"), {"/storage/data": f"{tmp_path}/storage"},
            f"-httpListenAddr={address}", "-search.latencyOffset=0s",
        ),
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{address}/health"), "VictoriaMetrics to be well")
        config = AGENT.replace("15s", "200ms").replace("\n    send_exemplars", sooner)
        config = config.replace("exporter:19464", exporter.address).replace("victoriametrics:8428", address)
        (tmp_path / "agent.yml").write_text(config.replace("${HOOKMETER_NODE}", HOST))
        with running([
            prometheus, "--enable-feature=agent", f"--config.file={tmp_path}/agent.yml",
            f"--storage.agent.path={data}", f"--web.listen-address=127.0.0.1:{free_port()}",
        ]):  # fmt: skip
            wait_for(lambda: query(address, "hookmeter_open_calls"), "what the agent sends")
            yield Central(address, exporter, agents)


def test_what_a_host_sends_is_there_under_its_name_and_comes_to_the_same_totals(central: Central) -> None:
    found = [dict(labels) for labels in query(central.address, "hookmeter_open_calls")]
    assert found == [{"__name__": "hookmeter_open_calls", "host": HOST, "instance": HOST, "job": "hookmeter"}]
    known = "min(count_over_time(hookmeter_read_lag_seconds[1m])) > 3"
    wait_for(lambda: query(central.address, known), "a few scrapes to be sent")
    before = central.agents.page(central.exporter.address)
    central.agents.work("shop")
    happened = true(before, central.agents.page(central.exporter.address), OF_EXPORTERS)
    # What an agent sends, it sends bit by bit.
    wait_for(lambda: told(central.address, OF_EXPORTERS) == happened, "the same totals")


def test_victoriametrics_understands_every_query_of_the_boards(central: Central) -> None:
    for asked in panel_queries():
        query(central.address, filled(asked.expr))


def test_a_host_that_is_new_to_it_sets_nothing_off(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    """VictoriaMetrics takes what a counter says at first for its growth."""
    broken = agents.directories.sessions / "a-session"
    broken.mkdir()
    (broken / "pre_tool_use.jsonl").write_text("no JSON\n" * 50)
    write_quick_rules(tmp_path / "rules")
    with at_work(agents, prometheus, tmp_path) as central:
        agents.work("shop")
        asked = f"127.0.0.1:{free_port()}"
        places = {"victoriametrics:8428": central.address, "alertmanager:9093": asked, "/rules/": f"{tmp_path}/rules/"}
        with service("vmalert", program("vmalert"), places, f"-httpListenAddr={asked}"):
            evaluated = "count_over_time(instance:claude_spent_usd:forecast_month[1m]) > 10"
            wait_for(lambda: query(central.address, evaluated), "the rules to be evaluated")
            assert query(central.address, 'hookmeter_lines_total{result="malformed"} == 50')
            assert json.loads(answer(f"http://{asked}/api/v1/alerts"))["data"]["alerts"] is None


def test_vmalert_tells_the_alertmanager_of_an_exporter_that_is_killed(
    central: Central, alertmanager: str, tmp_path: Path
) -> None:
    told_at = f"127.0.0.1:{free_port()}"
    write_quick_rules(tmp_path / "rules")
    places = {"victoriametrics:8428": central.address, "alertmanager:9093": told_at, "/rules/": f"{tmp_path}/rules/"}
    with (
        service(
            "alertmanager", alertmanager,
            {"/etc/alertmanager/": f"{PROVISIONING}/alertmanager/", "=/alertmanager": f"={tmp_path}/alertmanager"},
            f"--web.listen-address={told_at}",
        ),
        service("vmalert", program("vmalert"), places, f"-httpListenAddr=127.0.0.1:{free_port()}"),
    ):  # fmt: skip
        wait_for(lambda: answer(f"http://{told_at}/-/ready"), "Alertmanager to be ready")
        central.exporter.process.kill()
        central.exporter.process.wait()
        (alert,) = wait_for(lambda: alerts_told(told_at, DOWN), "the alert to be told")
        assert alert["labels"]["instance"] == HOST
