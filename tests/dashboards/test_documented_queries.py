"""The PromQL in README, docs and runbooks, on an exporter that has just started."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from dashboards.increases import OF_EXPORTER, OF_PROCESSES, OF_TASKS
from dashboards.recording import RECORDINGS
from exporter.demo.directories import DemoDirectories
from exporter.demo.sessions import SyntheticCall, SyntheticSession
from exporter.model.clock import now_us
from exporter.model.records import Outcome
from exporter.model.sessions import SETTLE_US
from tests.dashboards.alert_rules import write_fast_rules
from tests.dashboards.committed import ROOT
from tests.dashboards.totals import Agents
from tests.docs.blocks import inline_code
from tests.e2e.processes import free_port, query, running, wait_for
from tests.support.engines import Engine, program_of
from tests.support.page import fetch, samples_of

CONFIG = """
global: {{scrape_interval: 200ms}}
rule_files: [{rules}/*.yml]
scrape_configs: [{{job_name: hookmeter, static_configs: [{{targets: ["{target}"]}}]}}]
"""
NAME = r"(?:(?:series|instance\w*):)?\b(?:claude|hookmeter)_\w+(?::\w+)?"
METRICS = (ROOT / "docs" / "metrics.md").read_text()
ROWS = dict(re.findall(r"^\| \[`(\w+)`\]\(.* \| counter \|.* \|(.*) \|$", METRICS, re.MULTILINE))
EXAMPLES = dict(re.findall(r"^```promql\n# (.*)\n(.*)\n```$", METRICS, re.MULTILINE))
README = re.findall(r"^ +\| [^|]*\? \| `(.*)` \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
IN_RUNBOOKS = [
    code for document, code in inline_code() if document.startswith("docs/runbooks/") and re.search(NAME, code)
]
# Elsewhere, sentences also name metrics with their labels, such as `claude_spent_usd{period}`, which is no query.
IN_SENTENCES = [
    code
    for document, code in inline_code()
    if re.fullmatch(r"docs/\w+\.md", document) and re.search(rf"(?:{NAME}|\bup\b|scrape_\w+)(?:{{\w+=| [=><])", code)
]
CALLS = 11  # one of which fails, and another of which is a sub-agent's
Answer = dict[tuple[tuple[str, str], ...], float]


@contextmanager
def running_rules(engine: Engine, target: str, directory: Path) -> Iterator[str]:
    """An engine that scrapes a target and evaluates the provisioned rules."""
    write_fast_rules(rules := directory / "rules")
    with engine.serve(CONFIG.format(rules=rules, target=target), directory / "engine") as address:
        if engine.name.startswith("prometheus-"):
            yield address
            return
        with running([
            program_of(engine.name, "vmalert"), f"-rule={rules}/*.yml", f"-datasource.url=http://{address}",
            f"-remoteWrite.url=http://{address}", "-remoteWrite.flushInterval=100ms", "-notifier.blackhole",
            "-rule.evalDelay=0s", f"-httpListenAddr=127.0.0.1:{free_port()}",
        ]):  # fmt: skip
            yield address


def write_calls(agents: Agents) -> None:
    """Write a session with calls of two seconds, elsewhere, so that the exporter reads all of it at once."""
    elsewhere = DemoDirectories.under(agents.directories.sessions.parent / "elsewhere")
    session, at_us = SyntheticSession(elsewhere, "shop", Random(7)), now_us() - 2 * SETTLE_US
    session.start(at_us)
    for number in range(CALLS):
        fields: dict[str, object] = {
            "tool_name": "Bash",
            "tool_input": {"number": number},
            "tool_use_id": f"toolu_{number}",
        }
        subagent = {"agent_id": "a1", "agent_type": "Explore"} if number == 1 else {}
        outcome = Outcome.ERROR if number == 0 else Outcome.SUCCESS
        call = SyntheticCall(fields | subagent, 2000, outcome, "Exit code 1\nmake: *** [test] Error 1")
        session.start_call(call, at_us)
        session.finish_call(call, at_us, call.milliseconds)
    session.end(at_us)
    for written, read in (
        (elsewhere.sessions, agents.directories.sessions),
        (elsewhere.transcripts, agents.directories.transcripts),
    ):
        for directory in written.iterdir():
            directory.rename(read / directory.name)
    agents.calls += CALLS


def the_true_answers(exporter: str) -> dict[str, Answer]:
    """What each example of the README, and some of docs/metrics.md, should return."""
    page = samples_of(fetch(f"http://{exporter}/metrics"))
    cost = sum(value for (name, _), value in page.items() if name == "claude_cost_usd_total")
    of_readme: list[Answer] = [
        {(("tool", "Bash"),): 1 / CALLS},
        # All calls are in the bucket from 1 s to 5 s, and are assumed to be spread evenly over it.
        {(("instance", exporter), ("job", "hookmeter"), ("tool", "Bash")): 1 + 0.95 * 4},
        {(("agent", "Explore"), ("tool", "Bash")): 1},
        {(("project", "shop"),): cost},
        {(("category", "command_failed"), ("tool", "Bash")): 1},
    ]
    of_metrics: dict[str, Answer] = {
        "sessions started in the last day, by project": {(("project", "shop"),): 1},
        "tool calls in the last hour, by outcome": {(("outcome", "error"),): 1, (("outcome", "success"),): CALLS - 1},
        "prompts in the last hour": {(): 1},
        "runs of sub-agents started in the last day, by type": {(("agent", "Explore"),): 1},
        "error ratio of the last hour, by tool": {(("tool", "Bash"),): 1 / CALLS},
        "cost of the last hour, by project": {(("project", "shop"),): cost},
    }
    return dict(zip(README, of_readme, strict=True)) | {EXAMPLES[name]: value for name, value in of_metrics.items()}


def without_names(answer: Answer) -> Answer:
    return {tuple(one for one in labels if one[0] != "__name__"): value for labels, value in answer.items()}


def test_examples_have_the_true_numbers_on_an_exporter_that_has_just_started(
    agents: Agents, engine: Engine, tmp_path: Path
) -> None:
    with agents.exporter() as exporter, running_rules(engine, exporter.address, tmp_path) as server:
        wait_for(lambda: query(server, "count_over_time(hookmeter_read_lag_seconds[1m]) > 3"), "a few scrapes")
        write_calls(agents)
        agents.page(exporter.address)
        for promql, expected in the_true_answers(exporter.address).items():
            true = pytest.approx(expected, rel=1e-9)
            wait_for(lambda: without_names(query(server, promql)) == true, f"{promql} to return {expected}")  # noqa: B023
        for promql in (*EXAMPLES.values(), *IN_RUNBOOKS, *IN_SENTENCES):
            query(server, promql)


def test_queries_are_found_in_runbooks_and_in_sentences() -> None:
    assert len(IN_RUNBOOKS) > 30
    assert {"up == 0", 'scrape_samples_scraped{job="hookmeter"}'} < set(IN_SENTENCES)
    assert any(promql.startswith("min_over_time") for promql in IN_SENTENCES)


def test_documented_queries_are_about_metrics_and_recorded_series_that_exist() -> None:
    recorded = {rule.record for rules in RECORDINGS.values() for rule in rules}
    exposed = re.findall(r"^### `(\w+)`$", METRICS, re.MULTILINE)
    existing = recorded | set(exposed) | {f"{name}_bucket" for name in exposed}
    for promql in (*README, *EXAMPLES.values(), *IN_RUNBOOKS, *IN_SENTENCES):
        assert set(re.findall(NAME, promql)) - existing == set(), promql


def test_every_counter_of_agents_and_tasks_has_recorded_increases_with_all_its_labels() -> None:
    documented = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in ROWS.items()}
    of_http = {"hookmeter_http_requests_total", "hookmeter_stream_sent_bytes_total"}
    assert {
        f"{name}_total": set(filter(None, labels.split(", ")))
        for name, labels in (OF_EXPORTER | OF_TASKS | OF_PROCESSES).items()
    } == {name: labels for name, labels in documented.items() if name not in of_http}


def test_documents_count_events_by_recorded_increases() -> None:
    """PromQL's own functions leave out the first event of its kind."""
    queries = [*README, *EXAMPLES.values(), *IN_RUNBOOKS, *IN_SENTENCES]
    assert [promql for promql in queries if re.search(r"increase\(|rate\(claude_", promql)] == []
