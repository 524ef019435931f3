"""The generated boards: up to date, without overlaps, with described panels."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import build
from dashboards import panels as p
from dashboards import style as s
from dashboards.alerting.record import VARIABLE_BY_JOB
from dashboards.alerts import ALERTS
from dashboards.board import Board, Section
from dashboards.command import dashboards
from dashboards.links import ALL_BOARDS
from dashboards.rules import RULES_DIR
from tests.dashboards.committed import PATHS, ROOT, board, panels

PROVISIONING = ROOT / "provisioning" / "grafana" / "provisioning"
MAX_QUERIES = 28
each_board = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def test_the_files_are_up_to_date() -> None:
    assert [path for path, text in build.board_files().items() if (ROOT / path).read_text() != text] == []
    assert sorted(path.stem for path in PATHS) == sorted(info.name for info in ALL_BOARDS)


@each_board
def test_panels_of_costs_say_what_these_lack(path: Path) -> None:
    of_costs = re.compile(r"claude_(cost_usd_total|spent_usd\b|budget_used:|cache_savings_usd)")
    shown = [one for one in panels(board(path)) if any(of_costs.search(target["expr"]) for target in one["targets"])]
    assert [one["title"] for one in shown if not one["description"].endswith(s.PRICED_ONLY)] == []


def test_building_twice_gives_the_same_text() -> None:
    assert build.board_files() == build.board_files()


def test_a_build_writes_stale_files_removes_leftover_boards_and_satisfies_the_check(tmp_path: Path) -> None:
    build.build(root=tmp_path)
    assert build.stale(root=tmp_path) == []
    changed, leftover = build.BOARDS_DIR / "overview.json", build.BOARDS_DIR / "forgotten.json"
    (tmp_path / changed).write_text("{}")
    (tmp_path / leftover).write_text("{}")
    assert build.stale(root=tmp_path) == [changed, leftover]
    assert build.build(root=tmp_path) == [changed, leftover]
    assert build.stale(root=tmp_path) == []
    assert not (tmp_path / leftover).exists()


def test_the_command_lists_stale_files_until_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    boards_dir = tmp_path / build.BOARDS_DIR
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert "is not a checkout" in CliRunner().invoke(dashboards, ["check"]).output
    boards_dir.mkdir(parents=True)
    found = CliRunner().invoke(dashboards, ["check"])
    assert (found.exit_code, "overview.json is out of date" in found.output) == (1, True)
    assert "wrote provisioning" in CliRunner().invoke(dashboards, ["build"]).output
    assert CliRunner().invoke(dashboards, ["check"]).exit_code == 0


def test_generated_links_use_the_given_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "ROOT", tmp_path)
    (tmp_path / build.BOARDS_DIR).mkdir(parents=True)
    flags = ["--grafana-url", "https://boards.example.org/", "--server-url", "https://agents.example.org"]
    runbooks = {"HOOKMETER_RUNBOOKS_URL": "https://runbooks.example.org/runbooks"}
    assert CliRunner().invoke(dashboards, ["build", *flags], env=runbooks).exit_code == 0
    assert CliRunner().invoke(dashboards, ["check", *flags], env=runbooks).exit_code == 0
    assert CliRunner().invoke(dashboards, ["check"]).exit_code == 1
    links = {link["url"] for link in board(tmp_path / build.BOARDS_DIR / "overview.json")["links"]}
    assert "https://agents.example.org/" in links
    alerts = (tmp_path / RULES_DIR / "alerts.yml").read_text()
    assert "https://boards.example.org/d/hookmeter-cost?" in alerts
    assert "https://runbooks.example.org/runbooks/ClaudeCostSpike.md" in alerts
    assert not re.search(r"https?://(localhost|127\.0\.0\.1)", alerts)


def test_an_invalid_address_is_refused_with_an_example() -> None:
    for wrong in ("boards.example.org", "ftp://boards.example.org", ""):
        refused = CliRunner().invoke(dashboards, ["build", "--grafana-url", wrong])
        assert refused.exit_code == 2
        assert "; use one such as https://" in refused.output


@each_board
def test_panels_do_not_overlap_and_fit_the_grid(path: Path) -> None:
    positions = [panel["gridPos"] for panel in board(path)["panels"]]
    assert [position for position in positions if position["x"] < 0 or position["x"] + position["w"] > 24] == []
    assert [(one, two) for one, two in combinations(positions, 2) if overlap(one, two)] == []


def overlap(one: dict[str, int], two: dict[str, int]) -> bool:
    return (
        one["x"] < two["x"] + two["w"]
        and two["x"] < one["x"] + one["w"]
        and one["y"] < two["y"] + two["h"]
        and two["y"] < one["y"] + one["h"]
    )


@each_board
def test_panels_leave_no_gaps(path: Path) -> None:
    area = sum(panel["gridPos"]["w"] * panel["gridPos"]["h"] for panel in board(path)["panels"])
    assert area == 24 * max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board(path)["panels"])


@each_board
def test_every_panel_and_row_has_a_unique_id(path: Path) -> None:
    ids = [panel["id"] for panel in board(path)["panels"]]
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0


@each_board
def test_every_panel_has_a_title_a_description_a_unit_thresholds_and_a_text_for_no_data(path: Path) -> None:
    for panel in panels(board(path)):
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["title"], panel
        assert panel["description"].endswith("."), panel["title"]
        assert defaults["unit"], panel["title"]
        assert defaults["noValue"], panel["title"]
        assert defaults["thresholds"]["steps"][0]["value"] is None, panel["title"]


@each_board
def test_every_graph_has_a_legend_and_named_series(path: Path) -> None:
    for panel in panels(board(path)):
        if panel["type"] == "timeseries":
            assert panel["options"]["legend"]["showLegend"] is True, panel["title"]
            assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]
        if panel["type"] == "heatmap":
            assert panel["options"]["legend"]["show"] is True, panel["title"]


@each_board
def test_no_figure_asks_a_range_whose_last_step_may_have_been_long_ago(path: Path) -> None:
    figures = [panel for panel in panels(board(path)) if panel["type"] in {"stat", "bargauge", "table"}]
    asked = [(panel["title"], target["instant"], target["range"]) for panel in figures for target in panel["targets"]]
    assert asked == [(title, True, False) for title, *_ in asked]


@each_board
def test_a_graph_shows_the_newest_minute_and_a_bar_what_happened_before_it(path: Path) -> None:
    for panel in panels(board(path)):
        if panel["type"] in {"timeseries", "heatmap"}:
            assert panel["interval"] in {"1m", "5m"}, panel["title"]
        custom = panel["fieldConfig"]["defaults"].get("custom", {})
        if custom.get("drawStyle") == "bars":
            assert (custom["barAlignment"], panel["interval"]) == (-1, "1m"), panel["title"]


@each_board
def test_bars_are_whole_numbers(path: Path) -> None:
    for panel in panels(board(path)):
        if panel["fieldConfig"]["defaults"].get("custom", {}).get("drawStyle") == "bars":
            assert panel["fieldConfig"]["defaults"]["decimals"] == 0, panel["title"]
            assert [target for target in panel["targets"] if "rate(" in target["expr"]] == [], panel["title"]


@pytest.mark.parametrize("interval", ["90s", "1m30s", "90m", "36h", "1.5m", "$__rate_interval"])
def test_a_minimum_interval_that_grafana_would_round_is_refused(interval: str) -> None:
    title, panel = "Odd", p.line_graph("Odd", "Odd.", p.range_query("up", "up")).interval(interval)
    odd = Board(ALL_BOARDS[0], "now-1h", (), (Section(title, (panel,)),))
    with pytest.raises(ValueError, match=r"invalid minimum interval .* of panel 'Odd': .*; use 30s, 2m or 1h"):
        odd.to_grafana()


@each_board
def test_links_and_annotation_switches_are_not_hidden_in_a_menu(path: Path) -> None:
    assert "inControlsMenu" not in path.read_text()


@each_board
def test_a_board_has_few_queries(path: Path) -> None:
    model = board(path)
    of_panels = sum(len(panel["targets"]) for panel in panels(model))
    variables = len(model["templating"]["list"]) - 1  # the data source is not queried
    assert of_panels + len(model["annotations"]["list"]) + variables <= MAX_QUERIES


@each_board
def test_everything_uses_the_selected_data_source(path: Path) -> None:
    model = board(path)
    users = [*model["annotations"]["list"], *model["templating"]["list"][1:], *panels(model)]
    users += [target for panel in panels(model) for target in panel["targets"]]
    assert {one["datasource"]["uid"] for one in users} == {"${datasource}"}
    assert model["templating"]["list"][0]["name"] == "datasource"


@each_board
def test_every_used_variable_exists_and_takes_several_values_and_all(path: Path) -> None:
    model = board(path)
    by_name = {one["name"]: one for one in model["templating"]["list"]}
    expressions = [target["expr"] for panel in panels(model) for target in panel["targets"]]
    expressions += [one["expr"] for one in model["annotations"]["list"]]
    text = " ".join(expressions)
    used = set(re.findall(r"\$([a-z]\w*)", text))
    assert used == by_name.keys() - {"datasource"}
    assert [name for name in used if not (by_name[name]["multi"] and by_name[name]["includeAll"])] == []


@each_board
def test_hidden_variables_are_asked_again_with_every_range_and_are_no_part_of_links(path: Path) -> None:
    hidden = [one for one in board(path)["templating"]["list"] if "hide" in one]
    assert hidden
    assert {(one["hide"], one["refresh"], one["skipUrlSync"], one["includeAll"]) for one in hidden} == {
        (2, 2, True, True)
    }
    assert [one["name"] for one in hidden if "allValue" in one] == []


def test_boards_of_days_are_refreshed_less_often() -> None:
    refreshed = {(model["time"]["from"], model["refresh"]) for model in map(board, PATHS)}
    assert refreshed == {("now-6h", "30s"), ("now-24h", "30s"), ("now-2d", "1m"), ("now-7d", "5m")}


@each_board
def test_a_board_links_to_all_others_and_keeps_time_and_variables(path: Path) -> None:
    model = board(path)
    others = {f"/d/{info.uid}" for info in ALL_BOARDS if info.uid != model["uid"]}
    top_links = {link["url"]: link for link in model["links"] if link["url"].startswith("/d/")}
    assert top_links.keys() == others
    assert all(link["keepTime"] and link["includeVars"] for link in top_links.values())
    for link in (link for panel in panels(model) for link in panel.get("links", [])):
        assert link["url"].partition("?")[0] in others, link
        assert link["url"].endswith("?${__url_time_range}&${__all_variables}"), link


def test_a_tool_in_the_overview_links_to_its_board_and_keeps_the_variables() -> None:
    model = board(ROOT / build.BOARDS_DIR / "overview.json")
    (errors,) = (panel for panel in panels(model) if panel["title"] == "Top errors")
    (override,) = errors["fieldConfig"]["overrides"]
    (link,) = override["properties"][0]["value"]
    address, _, query = link["url"].partition("?")
    other = board(ROOT / build.BOARDS_DIR / "tools.json")
    assert address == f"/d/{other['uid']}"
    assert "var-tool=${__data.fields.Tool:percentencode}" in query
    kept = set(re.findall(r"\$\{(\w+):queryparam\}", query))
    visible = {variable["name"] for variable in other["templating"]["list"] if "hide" not in variable}
    assert kept | {"tool"} == visible


@each_board
def test_the_library_reads_boards_without_loss(path: Path) -> None:
    """Reading drops what Grafana's schema does not have, so the boards have nothing else."""
    model = board(path)
    again: dict[str, Any] = json.loads(json.dumps(Dashboard.from_json(model), cls=JSONEncoder))
    for control in (*again["links"], *again["annotations"]["list"]):
        assert control.pop("placement") == "inControlsMenu"  # the library's default
    assert again == model


def test_the_documents_list_the_boards_with_their_questions() -> None:
    rows = [f"| {info.title} | {info.description} |" for info in ALL_BOARDS]
    assert [row for row in rows if row not in (ROOT / "docs" / "stack.md").read_text()] == []


def test_the_boards_that_alerts_link_to_have_the_linked_variables() -> None:
    boards = {model["uid"]: model for model in map(board, PATHS)}
    for alert in (alert for subject in ALERTS.values() for alert in subject):
        names = {variable["name"] for variable in boards[alert.board]["templating"]["list"]}
        linked = {"instance", "server"} if alert.variable == VARIABLE_BY_JOB else {alert.variable}
        assert linked <= names, alert.name


def test_grafana_is_provisioned_with_the_boards_and_the_data_source_of_its_alerts() -> None:
    (provider,) = provisioned("dashboards/hookmeter.yml")["providers"]
    sources = provisioned("datasources/prometheus.yml")["datasources"]
    (group, *_) = provisioned("alerting/alerts.yml")["groups"]
    queried = {query["datasourceUid"] for query in group["rules"][0]["data"]}
    assert provider["type"] == "file"
    assert queried & {source["uid"] for source in sources if source["type"] == "prometheus"}


def provisioned(name: str) -> Any:
    return yaml.safe_load((PROVISIONING / name).read_text())
