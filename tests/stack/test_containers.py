"""The services of the compose file in containers: what they show is exactly what has happened."""

from __future__ import annotations

import json
import re

import pytest

from tests.dashboards.compose import SERVICES
from tests.dashboards.totals import OF_EXPORTERS, Increases, board_totals, page_totals
from tests.e2e.processes import answer, query
from tests.stack.attempts import assert_nothing_was_found, attempts
from tests.stack.compose import ENGINES, HOST, PROMETHEUS, RUN_HERE, VICTORIAMETRICS, Stack
from tests.stack.daemon import wait_long
from tests.stack.work import Work, ask
from tests.support.other_account import UID

# The totals of boards of which the truth is known also for the tasks of a real CLI.
COUNTERS = {f"claude_{name}_total" for name in ("tool_calls", "tool_errors", "sessions_started", "prompts")}
TOTALS = tuple(
    total for total in OF_EXPORTERS
    if total[1] in COUNTERS or (total[1], total[2]) == ("claude_cost_usd_total", ("project",))
)  # fmt: skip
RESETS = "sum(resets(claude_tool_calls_total[1h]))"


def test_totals_are_exact_after_every_container_was_killed_and_restarted(
    stack: Stack, work: Work, since: float
) -> None:
    work.task("before", "echo one", "echo two")
    for name in RUN_HERE:
        work.go_on()
        stack.crash(name)
    work.go_on()
    stack.wait_until_healthy()
    work.task("between", "echo three")
    stack.run(f"docker compose restart {' '.join(RUN_HERE)}")
    work.go_on()
    stack.wait_until_healthy()
    work.task("after", "echo four")
    work.settle()
    for name, address in ENGINES.items():
        assert_exact(name, address, work, since)
    assert len(ask("/api/tasks", token=work.token())["tasks"]) == 3


def assert_exact(name: str, address: str, work: Work, since: float) -> None:
    expected, shown = page_totals({}, work.truth(), TOTALS), list[Increases]()

    def is_exact() -> bool:
        shown[:] = board_totals(address, TOTALS, since)
        return shown == expected

    try:
        wait_long(is_exact, f"the true totals in {name}")
    except AssertionError:
        assert shown == expected, name
    assert query(address, RESETS) == {(): 0}


def test_a_task_in_the_servers_container_finds_neither_key_nor_database_nor_other_services(
    stack: Stack, work: Work, since: float
) -> None:
    apart = [name for name in RUN_HERE if SERVICES[name]["networks"] == ["meter"]]
    ports = {"exporter": 19464, "alertmanager": 9093, "victoriametrics": 8428, "vmalert": 8880}
    assert ports.keys() == set(apart)
    hosts = [(host, ports[name]) for name in apart for host in (name, stack.address(name))]
    reachable = [("prometheus", 9090), ("postgres", 5432)]
    connections = [
        f"(timeout 5 bash -c '</dev/tcp/{host}/{port}' && echo reached {host}) &" for host, port in hosts + reachable
    ]
    commands = [
        *attempts(data="/root/data", secret="/root/secrets/jwt_secret_key", server=7),
        f"{' '.join(connections)} wait",
    ]
    work.task("thief", *commands)
    found = stack.run("docker compose exec exporter sh -c 'cat /agents/.claude/projects/*/*.jsonl'")
    secrets = [path.read_text().strip() for path in (stack.checkout / "data" / "secrets").iterdir()]
    assert_nothing_was_found(found, UID, *secrets)
    # The command itself has these words, too, after `echo`.
    assert set(re.findall(r"(?<!echo )reached ([\w.-]+)", found)) == {"prometheus", "postgres"}
    work.settle()
    assert_exact("Prometheus", PROMETHEUS, work, since)


@pytest.mark.parametrize("account", ["", "--user $(id -u)"], ids=["server", "agents"])
def test_doctor_in_the_servers_container_knows_that_the_exporter_is_elsewhere(
    stack: Stack, work: Work, account: str
) -> None:
    findings = doctor(stack, f"docker compose exec {account} server hookmeter doctor")
    assert findings.keys() == {"hooks", "quotas", "logs", "transcripts", "sessions", "versions", "prices", "exporter"}
    assert findings["hooks"] == "ok installed in /home/hookmeter/.claude/settings.json"
    assert findings["exporter"] == "info runs elsewhere and has its ledger there, by --exporter-elsewhere"


def test_doctor_in_the_exporters_container_checks_ledger_and_exporter(stack: Stack, work: Work) -> None:
    findings = doctor(stack, "docker compose exec exporter hookmeter doctor")
    assert findings["ledger"] == "ok /data/ledger.sqlite3 is intact"
    assert findings["exporter"] == "ok 0.0.0.0:19464 is ready"


def doctor(stack: Stack, command: str) -> dict[str, str]:
    """The verdict and the message of each subject; an error fails the test."""
    words = [line.split(maxsplit=2) for line in stack.run(command).splitlines() if not line.startswith(" ")]
    return {subject: f"{verdict} {message}" for verdict, subject, message in words}


def test_both_evaluators_have_every_rule_and_send_alerts_to_the_alertmanager(stack: Stack) -> None:
    groups = json.loads(answer(f"http://{PROMETHEUS}/api/v1/rules"))["data"]["groups"]
    assert groups
    assert [rule["lastError"] for group in groups for rule in group["rules"] if rule["health"] == "err"] == []
    managers = json.loads(answer(f"http://{PROMETHEUS}/api/v1/alertmanagers"))["data"]
    assert [one["url"] for one in managers["activeAlertmanagers"]] == ["http://alertmanager:9093/api/v2/alerts"]
    central = json.loads(stack.run("docker compose exec vmalert wget -q -O - http://127.0.0.1:8880/api/v1/rules"))
    assert len(central["data"]["groups"]) == len(groups)
    evaluated = wait_long(
        lambda: query(VICTORIAMETRICS, "instance:claude_spent_usd:forecast_month"), "a recorded value"
    )
    assert {dict(labels)["instance"] for labels in evaluated} == {HOST}
