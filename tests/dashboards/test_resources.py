"""The boards as resources for Git Sync: valid, with the same panels as the classic boards, in tabs."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards import build
from dashboards import style as s
from tests.dashboards.committed import PATHS, ROOT, board, panels
from tests.dashboards.test_schema import MISSING, put, violations, write_board

RESOURCES = sorted((ROOT / build.RESOURCES_DIR).glob("*.json"))
PAIRS = [pytest.param(*pair, id=pair[0].stem) for pair in zip(PATHS, RESOURCES, strict=True)]
each_pair = pytest.mark.parametrize(("path", "resource"), PAIRS)
TAB = "spec/layout/spec/tabs/0/spec"
IF_DATA = {
    "visibility": "show",
    "condition": "and",
    "items": [{"kind": "ConditionalRenderingData", "spec": {"value": True}}],
}
MISTAKES: tuple[tuple[str, object, str], ...] = (
    ("apiVersion", "dashboard.grafana.app/v1", ': is "dashboard.grafana.app/v1", not "dashboard.grafana.app/v2"'),
    ("metadata/name", MISSING, ": missing"),
    (f"{TAB}/titel", "Health", ": unknown key"),
    (f"{TAB}/layout/kind", "RowLayout", ': is "RowLayout", which no type has as its kind'),
    (f"{TAB}/layout/spec/rows/0/spec/layout/spec/columnWidthMode", "small", ': is "small", not one of ["narrow",'),
    ("spec/elements/panel-2/spec/data/spec/queries/0/spec/hidden", "no", ': is "no", not of type boolean'),
    ("spec/variables/1/spec/refresh", "always", ': is "always", not one of ["never",'),
)


def test_every_resource_is_valid() -> None:
    assert [path.stem for path in RESOURCES] == [path.stem for path in PATHS]
    assert violations(RESOURCES) == []


def test_every_mistake_is_reported_once(tmp_path: Path) -> None:
    broken = [copy.deepcopy(board(RESOURCES[0])) for _ in MISTAKES]
    assert all(put(one, path, value) for one, (path, value, _) in zip(broken, MISTAKES, strict=True))
    lines = violations([write_board(tmp_path, f"{number}", one) for number, one in enumerate(broken)])
    expected = [(f"{number}.json: /{path}", message) for number, (path, _, message) in enumerate(MISTAKES)]
    assert len(lines) == len(expected)
    for line, (start, message) in zip(lines, expected, strict=True):
        place = start.removesuffix("/kind") if "kind" in message else start
        assert line.startswith(f"{place}{message}"), line


@each_pair
def test_a_resource_has_the_panels_of_its_board(path: Path, resource: Path) -> None:
    elements = {one["spec"]["title"]: one["spec"] for one in board(resource)["spec"]["elements"].values()}
    for panel in panels(board(path)):
        found = elements.pop(panel["title"])
        assert found["vizConfig"]["group"] == panel["type"]
        assert found["vizConfig"]["spec"] == {name: panel[name] for name in ("options", "fieldConfig")}
        data = found["data"]["spec"]
        assert data["queryOptions"] == {name: panel[name] for name in ("interval", "maxDataPoints") if name in panel}
        assert [one["spec"]["query"]["spec"]["expr"] for one in data["queries"]] == [
            target["expr"] for target in panel["targets"]
        ]
        assert [one["url"] for one in found["links"]] == [one["url"] for one in panel.get("links", [])]
    assert elements == {}


@each_pair
def test_a_resource_has_the_uid_the_variables_and_the_annotations_of_its_board(path: Path, resource: Path) -> None:
    classic, found = board(path), board(resource)
    spec = found["spec"]
    assert found["metadata"]["name"] == classic["uid"]
    names = [one["spec"]["name"] for one in spec["variables"]]
    assert names == [*(one["name"] for one in classic["templating"]["list"]), "filters"]
    assert spec["variables"][-1]["spec"]["enableGroupBy"] is True
    exprs = [one["spec"]["query"]["spec"]["expr"] for one in spec["annotations"]]
    assert exprs == [one["expr"] for one in classic["annotations"]["list"]]
    assert [one["url"] for one in spec["links"]] == [one["url"] for one in classic["links"]]
    assert "inControlsMenu" not in resource.read_text()


@each_pair
def test_every_section_is_a_tab_with_all_of_its_panels(path: Path, resource: Path) -> None:
    spec = board(resource)["spec"]
    sections: dict[str, list[str]] = {}
    for one in board(path)["panels"]:
        if one["type"] == "row":
            section = sections.setdefault(one["title"], [])
        else:
            section.append(one["title"])
    for tab in spec["layout"]["spec"]["tabs"]:
        titles = [spec["elements"][name]["spec"]["title"] for name, _ in items(tab)]
        assert sorted(titles) == sorted(sections.pop(tab["spec"]["title"]))
    assert sections == {}


def items(tab: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The panels of a tab, and the condition under which each is shown, if there is one."""
    for row in tab["spec"]["layout"]["spec"]["rows"]:
        for item in row["spec"]["layout"]["spec"]["items"]:
            yield item["spec"]["element"]["name"], item["spec"].get("conditionalRendering")


def test_panels_of_servers_and_quotas_hide_without_data_but_a_tab_is_never_empty() -> None:
    hiding: set[tuple[str, str]] = set()
    for path in RESOURCES:
        spec = board(path)["spec"]
        for tab in spec["layout"]["spec"]["tabs"]:
            conditions = {name: condition for name, condition in items(tab) if condition}
            assert len(conditions) < len(list(items(tab))), tab["spec"]["title"]
            assert all(condition["spec"] == IF_DATA for condition in conditions.values())
            elements = [spec["elements"][name]["spec"] for name in conditions]
            texts = {one["vizConfig"]["spec"]["fieldConfig"]["defaults"]["noValue"] for one in elements}
            assert texts <= {s.NO_SERVER, s.NO_TASKS, s.NO_QUOTA, s.NO_QUOTA_USE, s.NO_MCP}
            hiding |= {(path.stem, one["title"]) for one in elements}
    assert hiding >= {("overview", "Tasks"), ("overview", "Quota used"), ("meter", "Connections"), ("tasks", "Slots")}
    assert ("quota", "Quota used") not in hiding
