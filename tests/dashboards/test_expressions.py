"""PromQL of the boards: it parses, and names what there is and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import promql_parser
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from chatserver.live.broadcast import Broadcaster
from chatserver.storage.database import database_url, open_database
from chatserver.tasks.metrics import TaskMetrics
from chatserver.tasks.pool import TaskPool
from chatserver.web.server_metrics import ServerMetrics
from dashboards import queries
from dashboards.alerts import ALERTS
from dashboards.growth import OWN_LABELS
from dashboards.recording import RECORDINGS
from exporter.collectors import COLLECTORS
from exporter.collectors.isolated import IsolatedCollectors
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.dashboards.committed import ROOT, annotation_queries, panel_queries, selectors_of, variables
from tests.dashboards.made_server import MadeServer

# What no board shows; docs/metrics.md has it, with a query.
FOR_QUERIES = {
    "claude_web_searches",
    "hookmeter_bytes_read",
    "hookmeter_ledger_size_bytes",
    "hookmeter_stream_sent_bytes",
    "hookmeter_streams_dropped",
    "hookmeter_streams_refused",
}
PROMETHEUS_OWN = {"up", "ALERTS", "scrape_samples_scraped"}
PARTS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
ASKED = [*panel_queries(), *annotation_queries()]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_every_expression_parses(asked: object) -> None:
    promql_parser.parse(asked.filled)  # type: ignore[attr-defined]


def test_every_expression_of_a_board_has_a_name() -> None:
    known = {value for value in vars(queries).values() if isinstance(value, str)}
    assert {asked.expr for asked in ASKED} <= known


def test_boards_name_metrics_that_there_are_and_no_others(tmp_path: Path) -> None:
    recorded = {rule.record for rules in RECORDINGS.values() for rule in rules}
    there = sample_names([*exporter_families(tmp_path), *server_families(tmp_path)]) | recorded | PROMETHEUS_OWN
    assert named() - there == set()


def test_every_metric_is_on_a_board_or_in_a_rule_but_those_for_queries_of_ones_own(tmp_path: Path) -> None:
    families = [*exporter_families(tmp_path), *server_families(tmp_path)]
    names, on_boards = {family.name: sample_names([family]) for family in families}, named()
    of_rules = [rule.expr for rules in RECORDINGS.values() for rule in rules]
    of_rules += [alert.expr for alerts in ALERTS.values() for alert in alerts]
    told = on_boards | names_in(" ".join(of_rules))
    untold = {name for name, samples in names.items() if not samples & told}
    assert {name for name in untold if not name.startswith("process_")} == FOR_QUERIES


def test_totals_know_every_label_that_counters_have_of_themselves() -> None:
    rows = re.findall(r"^\| \[`(\w+)`\].* \| (.*) \|$", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)
    summed = {name for expr in vars(queries).values() if "last_over_time(" in str(expr) for name in names_in(str(expr))}
    labels = {
        label for name, cell in rows for label in re.findall(r"`(\w+)`", cell) if {name, f"{name}_bucket"} & summed
    }
    assert {"tool", "workflow", "result"} <= labels
    assert labels - set(OWN_LABELS.split(", ")) == set()


def names_in(expr: str) -> set[str]:
    return set(re.findall(r"\b(?:claude|hookmeter)_\w+", expr))


def test_the_made_server_has_the_metrics_of_the_real_one_and_no_others(tmp_path: Path) -> None:
    made = {(family.name, family.type) for family in MadeServer().registry.collect()}
    assert made - {(family.name, family.type) for family in server_families(tmp_path)} == set()


def named() -> set[str]:
    """Every metric that a board names."""
    found: set[str] = set()
    for expr in [*(asked.filled for asked in ASKED), *(selector for _, selector, _ in variables())]:
        found |= {selector.partition("{")[0] for selector in selectors_of(expr)}
    return found


def sample_names(families: list[Metric]) -> set[str]:
    """The names that series of these families have."""
    return {f"{family.name}{part}" for family in families for part in PARTS.get(family.type, ("",))}


def exporter_families(folder: Path) -> list[Metric]:
    with open_ledger(folder, 200) as ledger:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(IsolatedCollectors(Meter([], ledger), COLLECTORS))
        return list(registry.collect())


def server_families(folder: Path) -> list[Metric]:
    with open_database(database_url(None, folder)) as database:
        pool = cast(TaskPool, SimpleNamespace(busy=0, slots=1))
        metrics = ServerMetrics(Broadcaster(), lambda: 0)
        metrics.add("tasks", TaskMetrics(database, pool).collect)
        return list(text_string_to_metric_families(metrics.page().decode()))


def test_a_variable_that_is_filled_in_leaves_none() -> None:
    assert [asked for asked in ASKED if re.search(r"\$[a-z_]", asked.filled)] == []
