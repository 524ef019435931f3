"""Totals and graphs of days with outages, new targets, lost ledgers and new labels are exact in every engine."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dashboards import queries as q
from dashboards.growth import per_second
from dashboards.promql_of_boards import quantile
from tests.dashboards.committed import filled, gap_expressions
from tests.dashboards.grafana_gaps import gaps
from tests.dashboards.histories import DAY, DURATIONS, EXPORTERS, HOUR, SERVERS, History
from tests.e2e.processes import query
from tests.support.engines import Engine, engines, program_of
from tests.support.page import fetch

Increases = dict[tuple[tuple[str, str], ...], float]
NOW = int(time.time()) // HOUR * HOUR  # the end of the range
SPAN, STEP = f"{DAY}s", 1800
IN_GAPS = dict.fromkeys(gap_expressions(), ".*")
ERRORS = 'claude_tool_errors_total{{tool="Bash",category="{}",'
BUCKETS = "claude_tool_call_duration_seconds_bucket{{{},"
FINISHED = 'claude_tasks_finished_total{{status="completed",agent="main",workflow="{}",'


@pytest.fixture(scope="module", params=engines("prometheus", "victoriametrics"))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with all histories."""
    lines = "".join(samples())
    with with_samples(Engine(request.param), tmp_path_factory.mktemp("histories"), lines) as address:
        yield address


def samples() -> Iterator[str]:
    for history in EXPORTERS:
        yield from history.lines(NOW, 19464, ERRORS, "hookmeter_read_lag_seconds{")
    yield from DURATIONS.lines(NOW, 19464, BUCKETS, "hookmeter_read_lag_seconds{")
    for history in SERVERS:
        yield from history.lines(NOW, 3000, FINISHED, 'claude_tasks{status="pending",')


@contextmanager
def with_samples(engine: Engine, directory: Path, lines: str) -> Iterator[str]:
    """An engine that stores these lines of OpenMetrics."""
    if is_prometheus := engine.name.startswith("prometheus-"):
        file, blocks = directory / "samples.om", directory / "tsdb"
        file.write_text(f"{lines}# EOF\n")
        create = ["tsdb", "create-blocks-from", "--max-block-duration=72h", "openmetrics", str(file), str(blocks)]
        subprocess.run([program_of(engine.name, "promtool"), *create], check=True, capture_output=True)
    with engine.serve("scrape_configs: []\n", directory) as address:
        if not is_prometheus:
            urllib.request.urlopen(f"http://{address}/api/v1/import/prometheus", lines.encode()).close()
            fetch(f"http://{address}/internal/force_flush")
        yield address


def test_totals_are_exact(server: str) -> None:
    found = {dict(labels)["category"]: value for labels, value in total(server, q.TOP_ERRORS).items()}
    assert found == {name: value for history in EXPORTERS for name, value in history.total.items()}
    by_workflow = {dict(labels)["workflow"]: value for labels, value in total(server, q.FINISHED_BY_WORKFLOW).items()}
    assert by_workflow == {name: value for history in SERVERS for name, value in history.total.items()}


def test_the_bars_of_graphs_add_up_to_the_totals(server: str) -> None:
    found = {dict(labels)["category"]: value for labels, value in bars(server, q.ERRORS_PER_INTERVAL).items()}
    assert found == {name: value for one in EXPORTERS for name, value in (one.bars or one.total).items()}
    finished = sum(value for one in SERVERS for value in one.total.values())
    assert bars(server, q.FINISHED_PER_INTERVAL) == {(("status", "completed"),): finished}


def test_rates_are_exact(server: str) -> None:
    per_hour = bars(server, f"3600 * {per_second(q.ERRORS, 'category')}")
    per_interval = bars(server, q.ERRORS_PER_INTERVAL)
    assert {labels: rate * STEP / HOUR for labels, rate in per_hour.items()} == pytest.approx(per_interval)


@pytest.mark.parametrize(("rank", "seconds"), [(0.25, 0.05), (0.75, 5.5)])
def test_quantiles_include_the_first_calls_of_a_tool(server: str, rank: float, seconds: float) -> None:
    assert bars(server, quantile(rank, q.DURATIONS)) == {(): pytest.approx(seconds)}


def test_only_targets_with_gaps_are_asked_at_length(server: str) -> None:
    found = gaps(server, SPAN, NOW)
    assert asked_at_length(EXPORTERS, found["gaps"]) == [one for one in EXPORTERS if one.has_gap]
    assert asked_at_length(SERVERS, found["server_gaps"]) == [one for one in SERVERS if one.has_gap]
    healthy = EXPORTERS[:2]
    assert asked_at_length(EXPORTERS, found["graph_gaps"]) == [one for one in EXPORTERS if one not in healthy]


def test_the_same_totals_are_found_if_all_targets_are_asked_at_length(server: str) -> None:
    for expr in (q.TOP_ERRORS, q.FINISHED_BY_WORKFLOW):
        assert total(server, expr) == query(server, filled(expr, SPAN, values=IN_GAPS), NOW)


def asked_at_length(histories: Sequence[History], value: str) -> list[History]:
    return [one for one in histories if f"{one.name}:" in value]


def total(server: str, expr: str) -> Increases:
    return query(server, filled(expr, SPAN, values=gaps(server, SPAN, NOW)), NOW)


def bars(server: str, expr: str) -> Increases:
    """The sums of the bars, of which the first begins with the range."""
    asked = {"query": filled(expr, SPAN, f"{STEP}s", gaps(server, SPAN, NOW)), "step": STEP}
    url = f"http://{server}/api/v1/query_range?{urlencode(asked | {'start': NOW - DAY + STEP, 'end': NOW})}"
    found = json.loads(fetch(url))["data"]["result"]
    sums = {tuple(sorted(one["metric"].items())): sum(float(value) for _, value in one["values"]) for one in found}
    return {labels: value for labels, value in sums.items() if value}
