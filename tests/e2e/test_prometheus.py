"""A real Prometheus on the provisioned configuration: PromQL answers with the true numbers."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.processes import hookmeter, query, wait_for
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.support.engines import Engine

PROVISIONED = Path(__file__).parents[2] / "provisioning" / "prometheus" / "prometheus.yml"
ERRORS_THAT_DO_NOT_ADD_UP = 'sum(claude_tool_calls_total{outcome="error"}) - sum(claude_tool_errors_total)'
CALLS = "sum by (tool, agent, outcome) (claude_tool_calls_total)"


def test_promtool_accepts_the_provisioned_configuration(promtool: str) -> None:
    told = subprocess.run([promtool, "check", "config", PROVISIONED], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_promql_answers_with_the_true_numbers_also_across_a_kill_of_the_exporter(
    tmp_path: Path, engine: Engine
) -> None:
    agents = BusyAgents(tmp_path / "sessions", seed=5, start=datetime.now(UTC) - timedelta(hours=1))
    for _ in range(500):
        agents.step()
    agents.settle()
    directories = ("--sessions-dir", tmp_path / "sessions", "--data-dir", tmp_path / "data")
    with hookmeter(*directories) as first:
        config = PROVISIONED.read_text().replace("127.0.0.1:19464", first.address).replace("15s", "200ms")
        with engine.serve(config, tmp_path / "engine") as server:
            wait_for(lambda: query(server, CALLS) == expected_calls(agents), "the first scrape")
            first.process.kill()
            first.process.wait()
            for _ in range(500):
                agents.step()
            agents.settle()
            with hookmeter(*directories, listen=first.address):
                wait_for(lambda: query(server, CALLS) == expected_calls(agents), "the scrape after the kill")
                # What increase() and rate() would take for a restart of the counter: there was none.
                assert query(server, "sum(resets(claude_tool_calls_total[5m]))") == {(): 0}
                assert query(server, "sum(increase(claude_tool_calls_total[5m])) > 0")
                assert query(server, ERRORS_THAT_DO_NOT_ADD_UP) == {(): 0}


def expected_calls(agents: BusyAgents) -> dict[tuple[tuple[str, str], ...], float]:
    """The tool calls as PromQL should give them."""
    return {labels: value for (name, labels), value in agents.expected().items() if name == "claude_tool_calls_total"}
