"""Boards on a real Prometheus with the real exporter: every query gives data."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import yaml

from tests.conftest import program
from tests.dashboards.committed import (
    RANGE_SECONDS,
    ROOT,
    STEP_SECONDS,
    Asked,
    annotation_queries,
    board,
    filled,
    panel_queries,
    panels,
    selectors_of,
    variables,
)
from tests.dashboards.made_world import World, made_world
from tests.e2e.processes import wait_for

SOURCE = ROOT / "provisioning" / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
NEVER_THERE = {'claude_unpriced_tokens_total{instance=~".*",model=~".*"}'}
# The made server was never restarted.
NEVER_MARKED = {("tasks", "Restarts")}
# What shows nothing when all is well, and why; its panel says so.
EMPTY_WHEN_WELL = {
    ("cost", "Without a price"): "every model of the demo has a price",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("world"), program("prometheus"), program("promtool")) as made:
        yield made


def test_every_query_gives_data_but_those_that_are_empty_when_all_is_well(world: World) -> None:
    empty = {(asked.board, asked.title) for asked in panel_queries() if not gives_data(world, asked)}
    assert empty == EMPTY_WHEN_WELL.keys()


def test_every_query_gives_the_same_for_all_values_by_name(world: World) -> None:
    """Grafana writes several values as (a|b), with what means something to a regular expression escaped."""
    named = {
        name.partition(" / ")[0::2]: f"({'|'.join(map(escaped, values(world, selector, label)))})"
        for name, selector, label in variables()
    }
    empty = set()
    for asked in panel_queries():
        chosen = {name: text for (board, name), text in named.items() if board == asked.board}
        if not gives_data(world, replace(asked, expr=with_values(asked.expr, chosen))):
            empty.add((asked.board, asked.title))
    assert empty == EMPTY_WHEN_WELL.keys()


def escaped(value: str) -> str:
    return re.sub(r"[\\^$*+?.()|\[\]{}]", r"\\\\\g<0>", value)


def with_values(expr: str, chosen: dict[str, str]) -> str:
    return re.sub(r"\$([a-z]\w*)", lambda found: chosen[found[1]], expr)


def test_every_selector_of_a_query_selects_something(world: World) -> None:
    """A query may give 0 for what it does not find: this finds a label or a value that there is not."""
    selectors = {selector for asked in panel_queries() for selector in selectors_of(asked.filled)}
    assert {selector for selector in selectors if not selects(world, selector)} == NEVER_THERE


def test_alerts_and_restarts_are_marked(world: World) -> None:
    unmarked = {(asked.board, asked.title) for asked in annotation_queries() if not gives_data(world, asked)}
    assert unmarked == NEVER_MARKED


def test_every_variable_has_values(world: World) -> None:
    assert [name for name, selector, label in variables() if not values(world, selector, label)] == []


def test_exemplars_of_durations_lead_to_sessions(world: World) -> None:
    source = yaml.safe_load(SOURCE.read_text())["datasources"][0]
    (destination,) = source["jsonData"]["exemplarTraceIdDestinations"]
    assert destination["url"].endswith("/?session=$${__value.raw}")
    asked = [
        target["expr"]
        for panel in panels(board(ROOT / "provisioning/grafana/dashboards/tools.json"))
        for target in panel["targets"]
        if target.get("exemplar")
    ]
    labels = [partial(exemplar_labels, world, filled(expr)) for expr in asked]
    assert [wait_for(found, "a call to end") for found in labels] == [{destination["name"]}] * 2


def exemplar_labels(world: World, expr: str) -> set[str]:
    found = ask(world, "query_exemplars", query=expr)
    return {name for series in found for exemplar in series["exemplars"] for name in exemplar["labels"]}


def gives_data(world: World, asked: Asked) -> bool:
    if asked.instant:
        found = ask(world, "query", query=asked.filled)["result"]
        return any(one["value"][1] != "NaN" for one in found)
    found = ask(world, "query_range", query=asked.filled, step=str(STEP_SECONDS))["result"]
    return any(value != "NaN" for one in found for _, value in one["values"])


def selects(world: World, selector: str) -> bool:
    return bool(ask(world, "query", query=f"count(last_over_time({selector}[{RANGE_SECONDS}s]))")["result"])


def values(world: World, selector: str, label: str) -> list[str]:
    found = ask(world, f"label/{label}/values", **{"match[]": selector})
    return [value for value in found if value]


def ask(world: World, what: str, **parameters: str) -> Any:
    now = world.now()
    times = {"time": str(now)} if what == "query" else {"start": str(now - RANGE_SECONDS), "end": str(now)}
    url = f"http://{world.address}/api/v1/{what}?{urllib.parse.urlencode(times | parameters)}"
    with urllib.request.urlopen(url) as response:
        return json.load(response)["data"]
