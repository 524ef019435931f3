"""The boards through @grafana/prometheus, the library of Grafana's data source, with a real Prometheus."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from itertools import product

import pytest

from tests.dashboards.committed import PATHS, annotation_queries, board, panel_queries
from tests.dashboards.compose import SERVICES
from tests.dashboards.grafana_library import LIBRARY, Asked, View, ask
from tests.dashboards.synthetic_world import EXPORTER, QUOTED_PROJECT, World
from tests.support.engines import Engine, engines

HOUR, DAY = 3600, 86400
RANGES = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "90d": 90 * DAY}
WIDTHS, SCRAPE_INTERVALS = (400, 1600), ("15s", "60s")
SECONDS = {"s": 1, "m": 60, "h": HOUR, "d": DAY}
FIGURES, GRAPHS = {"stat", "bargauge", "table"}, {"timeseries", "heatmap"}
VARIABLES = [(path.stem, one) for path in PATHS for one in board(path)["templating"]["list"] if one["type"] == "query"]
VISIBLE = {(name, one["name"]) for name, one in VARIABLES if not one.get("hide")}
AGENTS, COST, TOOLS = ([path for path in PATHS if path.stem == name] for name in ("agents", "cost", "tools"))


@pytest.fixture(scope="module", params=engines("prometheus")[-1:])
def engine(request: pytest.FixtureRequest) -> Engine:
    """The newest Prometheus: the library asks every engine alike, and test_live.py asks them all."""
    return Engine(request.param)


@pytest.fixture(scope="module")
def now(world: World) -> float:
    return world.end


@pytest.fixture(scope="module")
def asked(world: World, now: float) -> list[Asked]:
    """Every query of every board, in every combination of range, width and scrape interval."""
    combinations = product(RANGES, WIDTHS, SCRAPE_INTERVALS)
    views = [View(f"{name} {width} {every}", now, RANGES[name], width, every) for name, width, every in combinations]
    return ask(world.address, views)


def test_no_query_fails(asked: list[Asked]) -> None:
    assert [str(one) for one in asked if one.error] == []
    assert len({one.view for one in asked}) == 16
    annotations = sum(1 for _ in annotation_queries())
    assert len(asked) == 16 * (sum(1 for _ in panel_queries()) + annotations + len(VARIABLES))


def test_figures_are_of_the_end_of_the_range_and_graphs_end_with_the_newest_step(
    asked: list[Asked], now: float
) -> None:
    for one in asked:
        if one.kind in FIGURES:
            assert one.endpoint == "query", one
            assert now - one.until < 0.001, one
        elif one.kind in GRAPHS:
            assert one.endpoint == "query_range", one
            assert now - one.until < one.step, one


def test_graphs_of_an_hour_have_steps_of_a_minute_or_of_five(asked: list[Asked]) -> None:
    steps = {
        one.title: one.step for one in asked if one.view.startswith("1h 1600 15s") and one.endpoint == "query_range"
    }
    assert set(steps.values()) == {60, 120, 300}
    assert {title for title, step in steps.items() if step == 120} == {"Error rate by tool", "Error rate by agent"}


def test_the_window_of_an_increase_per_interval_is_the_step(asked: list[Asked]) -> None:
    """Grafana writes `$__interval` with its largest unit alone, so that another step would lose or repeat samples."""
    of_intervals = {(one.board, one.title) for one in panel_queries() if "$__interval" in one.expr}
    checked = [one for one in asked if (one.board, one.title) in of_intervals]
    assert checked
    for one in checked:
        windows = {float(number) * SECONDS[unit] for number, unit in re.findall(r"\[(\d+)([smhd])]", one.expr)}
        assert one.step in windows, one


def test_every_variable_that_is_shown_has_values(asked: list[Asked]) -> None:
    of_a_day = {
        (one.board, one.title): one.names for one in asked if one.view == "24h 1600 15s" and one.kind == "variable"
    }
    assert VISIBLE - {name for name, values in of_a_day.items() if values} == set()
    assert QUOTED_PROJECT in of_a_day["cost", "project"]


def test_bars_and_error_rates_of_an_hour_show_its_events(world: World, now: float) -> None:
    past_hour = View("past hour", now - 5 * HOUR, HOUR)
    shown = {one.title for one in ask(world.address, [past_hour], [*TOOLS, *AGENTS]) if one.names}
    bars = {"Sub-agents started by type", "Sub-agent runs by outcome"}
    assert shown >= bars | {"Error rate by tool", "Error rate by agent"}


def test_exemplars_are_asked_for_also_after_an_editor_was_open(world: World, now: float) -> None:
    views = [View("before", now, HOUR), View("after", now, HOUR, editor_was_open=True)]
    found = {(one.view, one.title, one.query) for one in ask(world.address, views, TOOLS) if one.exemplars}
    panels = {("Call duration", "A"), ("Call duration distribution", "A")}
    assert found == {(view.name, *panel) for view in views for panel in panels}


def test_a_project_with_quotes_can_be_selected_with_the_toggle_of_the_stack(world: World, now: float) -> None:
    selected = {"project": [QUOTED_PROJECT]}
    escaped = View("escaped", now, DAY, selected=selected)
    plain = View("plain", now, DAY, selected=selected, toggles=())
    by_view: dict[str, list[Asked]] = defaultdict(list)
    for one in ask(world.address, [escaped, plain], COST):
        by_view[one.view].append(one)
    assert [str(one) for one in by_view["escaped"] if one.error] == []
    (projects,) = (one.names for one in by_view["escaped"] if one.title == "Cost by project")
    assert projects == [QUOTED_PROJECT]
    assert [one for one in by_view["plain"] if "parse error" in one.error]


def test_an_alert_that_fired_for_a_minute_is_annotated_in_every_range_that_has_it(asked: list[Asked]) -> None:
    annotated = {one.view for one in asked if one.title == "Alerts" and "ClaudeShortAlert" in one.names}
    assert annotated == {one.view for one in asked if not one.view.startswith("1h ")}


def test_every_query_can_be_filtered_by_a_label(world: World, now: float) -> None:
    """As by the variable Filters of the resources, which the library adds to each selector of a query."""
    of_exporter = View("filtered", now, DAY, filters=({"key": "instance", "operator": "=", "value": EXPORTER},))
    found = ask(world.address, [of_exporter])
    assert [str(one) for one in found if one.error] == []
    (calls,) = (one for one in found if (one.board, one.title) == ("tools", "Tool calls"))
    assert calls.names
    assert f'instance="{EXPORTER}"' in calls.expr


def test_the_library_has_the_version_of_grafana_in_the_stack() -> None:
    packages = json.loads((LIBRARY / "package.json").read_text())["dependencies"]
    version = SERVICES["grafana"]["image"].partition(":")[2]
    assert {packages[f"@grafana/{name}"] for name in ("data", "prometheus", "runtime", "schema")} == {version}
