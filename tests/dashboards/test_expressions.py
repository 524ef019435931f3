"""The PromQL expressions of the boards: they parse, and query existing metrics only."""

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
from chatserver.monitoring.server_metrics import ServerMetrics
from chatserver.storage.database import open_database
from chatserver.storage.location import database_url
from chatserver.tasks.metrics import TaskMetrics
from chatserver.tasks.pool import TaskPool
from dashboards import queries
from dashboards.alerts import ALERTS
from dashboards.growth import EXPORTER, OWN_LABELS, TASKS
from dashboards.promql import ALERT_RULES
from dashboards.recording import RECORDINGS
from exporter.collectors import COLLECTORS
from exporter.collectors.isolated import IsolatedCollectors
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.dashboards.committed import (
    ROOT,
    BoardQuery,
    annotation_queries,
    board,
    panel_queries,
    panels,
    selectors_of,
    variables,
)
from tests.dashboards.synthetic_server import SyntheticServer

# Metrics on no board; docs/metrics.md has a query for each.
ON_NO_BOARD = {
    "claude_sessions_without_cost",
    "hookmeter_ledger_size_bytes",
    "hookmeter_stream_sent_bytes",
}
OF_PROMETHEUS = {"up", "ALERTS", "scrape_samples_scraped"}
OF_GRAFANA = {"GRAFANA_ALERTS"}
PARTS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
BOARD_QUERIES = [*panel_queries(), *annotation_queries()]


@pytest.mark.parametrize("board_query", BOARD_QUERIES, ids=str)
def test_every_expression_parses(board_query: BoardQuery) -> None:
    promql_parser.parse(board_query.filled)


def test_every_expression_of_a_board_has_a_name() -> None:
    known = {value for value in vars(queries).values() if isinstance(value, str)}
    assert {one.expr for one in BOARD_QUERIES} <= known


def test_boards_query_existing_metrics_only(tmp_path: Path) -> None:
    recorded = {rule.record for rules in RECORDINGS.values() for rule in rules}
    existing = sample_names([*exporter_families(tmp_path), *server_families(tmp_path)]) | recorded
    existing |= OF_PROMETHEUS | OF_GRAFANA | {ALERT_RULES}
    assert queried() - existing == set()


def test_every_metric_is_on_a_board_or_in_a_rule_except_the_listed_ones(tmp_path: Path) -> None:
    families = [*exporter_families(tmp_path), *server_families(tmp_path)]
    names, on_boards = {family.name: sample_names([family]) for family in families}, queried()
    of_rules = [rule.expr for rules in RECORDINGS.values() for rule in rules]
    of_rules += [alert.expr for alerts in ALERTS.values() for alert in alerts]
    used = on_boards | names_in(" ".join(of_rules))
    unused = {name for name, samples in names.items() if not samples & used}
    assert {name for name in unused if not name.startswith("process_")} == ON_NO_BOARD


def test_totals_list_every_label_of_the_counters() -> None:
    rows = re.findall(r"^\| \[`(\w+)`\].* \| (.*) \|$", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)
    summed = {name for expr in vars(queries).values() if "last_over_time(" in str(expr) for name in names_in(str(expr))}
    labels = {
        label for name, cell in rows for label in re.findall(r"`(\w+)`", cell) if {name, f"{name}_bucket"} & summed
    }
    assert {"tool", "workflow", "result"} <= labels
    assert labels - set(OWN_LABELS.split(", ")) == set()


def names_in(expr: str) -> set[str]:
    return set(re.findall(r"\b(?:claude|hookmeter)_\w+", expr))


def test_the_synthetic_server_has_only_metrics_of_a_real_one(tmp_path: Path) -> None:
    synthetic = {(family.name, family.type) for family in SyntheticServer().registry.collect()}
    assert synthetic - {(family.name, family.type) for family in server_families(tmp_path)} == set()


def queried() -> set[str]:
    """Every metric that a board queries."""
    found: set[str] = set()
    for expr in [*(one.filled for one in BOARD_QUERIES), *(selector for _, selector, _ in variables())]:
        for selector in selectors_of(expr):
            named = re.match(r'([\w:]+)|{__name__=~"([\w:|]+)"', selector)
            assert named, selector
            found |= set((named[1] or named[2]).split("|"))
    return found


def sample_names(families: list[Metric]) -> set[str]:
    """The names of the samples of these families."""
    return {f"{family.name}{part}" for family in families for part in PARTS.get(family.type, ("",))}


def exporter_families(directory: Path) -> list[Metric]:
    with open_ledger(directory, 200) as ledger:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(IsolatedCollectors(Meter([], ledger), COLLECTORS))
        return list(registry.collect())


def server_families(directory: Path) -> list[Metric]:
    with open_database(database_url(None, directory)) as database:
        pool = cast(TaskPool, SimpleNamespace(busy=0, slots=1))
        metrics = ServerMetrics(Broadcaster(), lambda: 0, TaskMetrics(database, pool, 10))
        return list(text_string_to_metric_families(metrics.page().decode()))


def test_what_an_expression_combines_is_filtered_alike() -> None:
    """So that a ratio is not that of one project's costs to the prompts of all; parts that have names are separate."""
    combined = [one for one in panel_queries() if '"name"' not in one.expr]
    assert [str(one) for one in combined if len(filters(one.expr.replace(queries.TOP_TOOLS, ""))) > 1] == []


@pytest.mark.parametrize("board_name", ["cost", "tasks", "tools"])
def test_a_panel_says_which_variables_do_not_filter_it(board_name: str) -> None:
    """On the boards of one subject; on the others, each variable filters what it can."""
    labels = {variable: variable.removeprefix("task_") for variable in visible_variables(board_name)}
    for panel in panels(board(ROOT / f"provisioning/grafana/dashboards/{board_name}.json")):
        for filtered in filters(" ".join(target["expr"] for target in panel["targets"])):
            for label in (label for variable, label in labels.items() if variable not in filtered):
                said = rf"(filtered by|all) [^.]*\b{label}s?\b"
                assert re.search(said, panel["description"]), (panel["title"], label)


def visible_variables(board_name: str) -> list[str]:
    return [name.partition(" / ")[2] for name, _, _ in variables() if name.startswith(f"{board_name} / ")]


def filters(expr: str) -> set[frozenset[str]]:
    """The variables by which the selectors of an expression filter, without those that only ask for a target."""
    selectors = re.findall(r"\w+\{[^}]*\}", expr.replace(EXPORTER, "").replace(TASKS, ""))
    return {frozenset(re.findall(r'=~"\$(?!\w*gaps)(\w+)"', selector)) for selector in selectors}


def test_filled_expressions_have_no_variables() -> None:
    assert [one for one in BOARD_QUERIES if re.search(r"\$[a-z_]", one.filled)] == []
