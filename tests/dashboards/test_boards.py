"""Boards as they are written: fresh, without overlaps, and every panel says what it shows."""

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
from dashboards.alerting.record import EITHER
from dashboards.alerts import ALERTS
from dashboards.command import dashboards
from dashboards.links import PLACES
from dashboards.rules import RULES
from tests.dashboards.committed import PATHS, ROOT, board, panels

PROVISIONING = ROOT / "provisioning" / "grafana" / "provisioning"
MOST_QUERIES = 24
each_board = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def test_the_files_are_fresh() -> None:
    assert [path for path, text in build.board_files().items() if (ROOT / path).read_text() != text] == []
    assert sorted(path.stem for path in PATHS) == sorted(place.name for place in PLACES)


def test_building_twice_gives_the_same_text() -> None:
    assert build.board_files() == build.board_files()


def test_a_build_writes_what_is_stale_removes_what_nothing_makes_and_satisfies_the_check(tmp_path: Path) -> None:
    build.build(root=tmp_path)
    assert build.stale(root=tmp_path) == []
    changed, left = build.FOLDER / "overview.json", build.FOLDER / "forgotten.json"
    (tmp_path / changed).write_text("{}")
    (tmp_path / left).write_text("{}")
    assert build.stale(root=tmp_path) == [changed, left]
    assert build.build(root=tmp_path) == [changed, left]
    assert build.stale(root=tmp_path) == []
    assert not (tmp_path / left).exists()


def test_the_command_says_what_is_stale_until_it_has_been_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / build.FOLDER
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert "is no checkout" in CliRunner().invoke(dashboards, ["check"]).output
    place.mkdir(parents=True)
    found = CliRunner().invoke(dashboards, ["check"])
    assert (found.exit_code, "overview.json is stale" in found.output) == (1, True)
    assert "wrote provisioning" in CliRunner().invoke(dashboards, ["build"]).output
    assert CliRunner().invoke(dashboards, ["check"]).exit_code == 0


def test_what_is_written_links_to_the_addresses_that_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "ROOT", tmp_path)
    (tmp_path / build.FOLDER).mkdir(parents=True)
    flags = ["--grafana-url", "https://boards.example.org/", "--server-url", "https://agents.example.org"]
    books = {"HOOKMETER_RUNBOOKS_URL": "https://books.example.org/runbooks"}
    assert CliRunner().invoke(dashboards, ["build", *flags], env=books).exit_code == 0
    assert CliRunner().invoke(dashboards, ["check", *flags], env=books).exit_code == 0
    assert CliRunner().invoke(dashboards, ["check"]).exit_code == 1
    links = {link["url"] for link in board(tmp_path / build.FOLDER / "overview.json")["links"]}
    assert "https://agents.example.org/" in links
    alerts = (tmp_path / RULES / "alerts.yml").read_text()
    assert "https://boards.example.org/d/hookmeter-cost?" in alerts
    assert "https://books.example.org/runbooks/ClaudeCostSpike.md" in alerts
    assert not re.search(r"https?://(localhost|127\.0\.0\.1)", alerts)


def test_an_address_that_is_none_is_refused_with_an_example() -> None:
    for wrong in ("boards.example.org", "ftp://boards.example.org", ""):
        refused = CliRunner().invoke(dashboards, ["build", "--grafana-url", wrong])
        assert refused.exit_code == 2
        assert "is no address of a page; give one such as https://" in refused.output


@each_board
def test_no_panels_overlap_and_none_sticks_out(path: Path) -> None:
    places = [panel["gridPos"] for panel in board(path)["panels"]]
    assert [place for place in places if place["x"] < 0 or place["x"] + place["w"] > 24] == []
    assert [(one, two) for one, two in combinations(places, 2) if overlap(one, two)] == []


def overlap(one: dict[str, int], two: dict[str, int]) -> bool:
    return (
        one["x"] < two["x"] + two["w"]
        and two["x"] < one["x"] + one["w"]
        and one["y"] < two["y"] + two["h"]
        and two["y"] < one["y"] + one["h"]
    )


@each_board
def test_rows_of_panels_leave_no_holes(path: Path) -> None:
    area = sum(panel["gridPos"]["w"] * panel["gridPos"]["h"] for panel in board(path)["panels"])
    assert area == 24 * max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board(path)["panels"])


@each_board
def test_every_panel_and_row_has_an_id_of_its_own(path: Path) -> None:
    ids = [panel["id"] for panel in board(path)["panels"]]
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0


@each_board
def test_every_panel_says_what_it_shows_in_which_unit_and_what_it_means_if_it_shows_nothing(path: Path) -> None:
    for panel in panels(board(path)):
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["title"], panel
        assert panel["description"].endswith("."), panel["title"]
        assert defaults["unit"], panel["title"]
        assert defaults["noValue"], panel["title"]
        assert defaults["thresholds"]["steps"][0]["value"] is None, panel["title"]


@each_board
def test_every_graph_has_a_legend_and_every_series_a_name(path: Path) -> None:
    for panel in panels(board(path)):
        if panel["type"] == "timeseries":
            assert panel["options"]["legend"]["showLegend"] is True, panel["title"]
            assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]
        if panel["type"] == "heatmap":
            assert panel["options"]["legend"]["show"] is True, panel["title"]


@each_board
def test_a_board_is_light(path: Path) -> None:
    made = board(path)
    asked = sum(len(panel["targets"]) for panel in panels(made)) + len(made["annotations"]["list"])
    assert asked + len(made["templating"]["list"]) - 1 <= MOST_QUERIES


@each_board
def test_everything_asks_the_data_source_that_is_chosen(path: Path) -> None:
    made = board(path)
    asking = [*made["annotations"]["list"], *made["templating"]["list"][1:], *panels(made)]
    asking += [target for panel in panels(made) for target in panel["targets"]]
    assert {one["datasource"]["uid"] for one in asking} == {"${datasource}"}
    assert made["templating"]["list"][0]["name"] == "datasource"


@each_board
def test_every_variable_that_is_used_is_there_and_takes_several_values_and_all(path: Path) -> None:
    made = board(path)
    named = {one["name"]: one for one in made["templating"]["list"]}
    asked = [target["expr"] for panel in panels(made) for target in panel["targets"]]
    asked += [one["expr"] for one in made["annotations"]["list"]]
    text = " ".join(asked)
    used = {
        name for name in ("instance", "server", "project", "agent", "model", "tool", "workflow") if f"${name}" in text
    }
    assert used == named.keys() - {"datasource"}
    assert [name for name in used if not (named[name]["multi"] and named[name]["includeAll"])] == []


@each_board
def test_a_board_leads_to_all_others_and_takes_time_and_variables_along(path: Path) -> None:
    made = board(path)
    others = {f"/d/{place.uid}" for place in PLACES if place.uid != made["uid"]}
    leading = {link["url"]: link for link in made["links"] if link["url"].startswith("/d/")}
    assert leading.keys() == others
    assert all(link["keepTime"] and link["includeVars"] for link in leading.values())
    for link in (link for panel in panels(made) for link in panel.get("links", [])):
        assert link["url"].partition("?")[0] in others, link
        assert link["url"].endswith("?${__url_time_range}&${__all_variables}"), link


def test_a_tool_in_the_overview_leads_to_its_board_with_all_that_is_chosen() -> None:
    made = board(ROOT / build.FOLDER / "overview.json")
    (errors,) = (panel for panel in panels(made) if panel["title"] == "Errors")
    (override,) = errors["fieldConfig"]["overrides"]
    (link,) = override["properties"][0]["value"]
    address, _, query = link["url"].partition("?")
    other = board(ROOT / build.FOLDER / "tools.json")
    assert address == f"/d/{other['uid']}"
    assert "var-tool=${__data.fields.Tool}" in query
    kept = set(re.findall(r"\$\{(\w+):queryparam\}", query))
    assert kept | {"tool"} == {variable["name"] for variable in other["templating"]["list"]}


@each_board
def test_the_library_reads_a_board_as_it_wrote_it(path: Path) -> None:
    """It drops what Grafana's schema does not know; so nothing of the kind is in it."""
    made = board(path)
    again: dict[str, Any] = json.loads(json.dumps(Dashboard.from_json(made), cls=JSONEncoder))
    for link in again["links"]:
        assert link.pop("placement") == "inControlsMenu"  # the library's own, where there is none
    assert again == made


def test_the_documents_list_the_boards_and_the_questions_that_they_answer() -> None:
    rows = [f"| {place.title} | {place.question} |" for place in PLACES]
    assert [row for row in rows if row not in (ROOT / "docs" / "stack.md").read_text()] == []


def test_what_alerts_lead_to_is_there() -> None:
    boards = {made["uid"]: made for made in map(board, PATHS)}
    for alert in (alert for subject in ALERTS.values() for alert in subject):
        names = {variable["name"] for variable in boards[alert.board]["templating"]["list"]}
        assert {"instance", "server"} <= names if alert.variable == EITHER else alert.variable in names, alert.name


def test_grafana_is_told_of_the_boards_and_of_a_prometheus_that_its_alerts_ask() -> None:
    (provider,) = provisioned("dashboards/hookmeter.yml")["providers"]
    sources = provisioned("datasources/prometheus.yml")["datasources"]
    (group, *_) = provisioned("alerting/alerts.yml")["groups"]
    asked = {query["datasourceUid"] for query in group["rules"][0]["data"]}
    assert provider["type"] == "file"
    assert asked & {source["uid"] for source in sources if source["type"] == "prometheus"}


def provisioned(name: str) -> Any:
    return yaml.safe_load((PROVISIONING / name).read_text())
