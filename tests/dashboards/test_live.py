"""The boards with a real Prometheus and a real exporter: every query returns data."""

from __future__ import annotations

import itertools
import json
import re
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError

import pytest
import yaml

from tests.dashboards.committed import (
    RANGE_SECONDS,
    ROOT,
    STEP_SECONDS,
    BoardQuery,
    annotation_queries,
    board,
    filled,
    gap_expressions,
    one_of,
    panel_queries,
    panels,
    selectors_of,
    variables,
)
from tests.dashboards.synthetic_world import World
from tests.e2e.processes import wait_for
from tests.support.engines import engines

SOURCE = ROOT / "provisioning" / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
OF_GAPS = re.compile(r'(, )?instance[!=]~"\$\w*gaps\w*"')
NO_SERIES = {'claude_unpriced_tokens_total{instance=~".*",model=~".*"}'}
QUARTER_SECONDS, QUARTER_STEP_SECONDS = 90 * 86400, 86400
# The synthetic server never restarts.
NO_ANNOTATIONS = {("tasks", "Restarts")}
# Panels without data in a healthy system, and why; their no-data texts say so.
EMPTY_WHEN_HEALTHY = {
    ("cost", "Unpriced models"): "every model of the demo has a price",
}


def test_every_query_returns_data_except_those_that_are_empty_when_healthy(world: World) -> None:
    assert without_data(world, panel_queries()) == EMPTY_WHEN_HEALTHY.keys()


def test_every_query_returns_data_when_all_values_are_selected_by_name(world: World) -> None:
    """Grafana writes several values as (a|b), and escapes them as regular expressions."""
    selected: dict[str, dict[str, str]] = defaultdict(dict)
    for variable, selector, label in variables():
        board_name, _, name = variable.partition(" / ")
        selected[board_name][name] = one_of(values(world, selector, label))
    with_selection = [replace(one, expr=with_values(one.expr, selected[one.board])) for one in panel_queries()]
    assert without_data(world, with_selection) == EMPTY_WHEN_HEALTHY.keys()


def with_values(expr: str, values_by_name: dict[str, str]) -> str:
    return re.sub(r"\$([a-z]\w*)", lambda found: values_by_name.get(found[1], ".*"), expr)


def test_no_query_of_a_quarter_is_refused(world: World) -> None:
    """VictoriaMetrics limits the steps of subqueries, too. It may hang after refusals, so the first one is enough."""
    of_variables = ((f"variable {name}", expr, True) for name, expr in gap_expressions().items())
    of_panels = ((str(one), one.expr, one.instant) for one in panel_queries())
    queries = itertools.chain(of_variables, of_panels)
    assert next((name for name, expr, instant in queries if is_refused(world, expr, instant=instant)), None) is None


def is_refused(world: World, expression: str, *, instant: bool) -> bool:
    query = filled(expression, f"{QUARTER_SECONDS}s", f"{QUARTER_STEP_SECONDS}s")
    span = {"start": str(world.end - QUARTER_SECONDS), "step": str(QUARTER_STEP_SECONDS)}
    try:
        get(world, "query", query=query) if instant else get(world, "query_range", query=query, **span)
    except HTTPError as error:
        return error.code == HTTPStatus.UNPROCESSABLE_ENTITY
    return False


def test_every_selector_of_a_query_selects_series(world: World) -> None:
    """A query may return 0 where a selector finds nothing; this test finds misspelled labels and values."""
    expressions = {OF_GAPS.sub("", board_query.expr) for board_query in panel_queries()}
    selectors = {selector for expr in expressions for selector in selectors_of(filled(expr))}
    assert {selector for selector in selectors if not selects(world, selector)} == NO_SERIES


def test_alerts_and_restarts_are_annotated(world: World) -> None:
    assert without_data(world, annotation_queries()) == NO_ANNOTATIONS


def test_every_variable_has_values(world: World) -> None:
    assert [name for name, selector, label in variables() if not values(world, selector, label)] == []


@pytest.mark.parametrize("engine", engines("prometheus"), indirect=True)  # VictoriaMetrics stores no exemplars
def test_exemplars_of_durations_link_to_sessions(world: World) -> None:
    source = yaml.safe_load(SOURCE.read_text())["datasources"][0]
    (destination,) = source["jsonData"]["exemplarTraceIdDestinations"]
    assert destination["url"].endswith("/?session=$${__value.raw}")
    expressions = [
        target["expr"]
        for panel in panels(board(ROOT / "provisioning/grafana/dashboards/tools.json"))
        for target in panel["targets"]
        if target.get("exemplar")
    ]
    labels = [partial(exemplar_labels, world, filled(expr)) for expr in expressions]
    assert [wait_for(found, "an exemplar") for found in labels] == [{destination["name"]}] * 2


def exemplar_labels(world: World, expr: str) -> set[str]:
    found = get(world, "query_exemplars", query=expr)
    return {name for series in found for exemplar in series["exemplars"] for name in exemplar["labels"]}


def without_data(world: World, queries: Iterable[BoardQuery]) -> set[tuple[str, str]]:
    return {(one.board, one.title) for one in queries if not returns_data(world, one)}


def returns_data(world: World, board_query: BoardQuery) -> bool:
    if board_query.instant:
        found = get(world, "query", query=board_query.filled)["result"]
        return any(one["value"][1] != "NaN" for one in found)
    found = get(world, "query_range", query=board_query.filled, step=str(STEP_SECONDS))["result"]
    return any(value != "NaN" for one in found for _, value in one["values"])


def selects(world: World, selector: str) -> bool:
    return bool(get(world, "query", query=f"count(last_over_time({selector}[{RANGE_SECONDS}s]))")["result"])


def values(world: World, selector: str, label: str) -> list[str]:
    found = get(world, f"label/{label}/values", **{"match[]": selector})
    return [value for value in found if value]


def get(world: World, endpoint: str, **parameters: str) -> Any:
    now = world.end
    times = {"time": str(now)} if endpoint == "query" else {"start": str(now - RANGE_SECONDS), "end": str(now)}
    times["nocache"] = "1"  # keeps VictoriaMetrics from moving the times to multiples of the step
    url = f"http://{world.address}/api/v1/{endpoint}?{urllib.parse.urlencode(times | parameters)}"
    with urllib.request.urlopen(url) as response:
        return json.load(response)["data"]
