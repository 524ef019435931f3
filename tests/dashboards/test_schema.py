"""The boards validate against a strict schema, generated from the types of @grafana/schema."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import program
from tests.dashboards.committed import PATHS, board
from tests.dashboards.compose import SERVICES

SCHEMA = Path(__file__).with_name("grafana_schema")
MISSING = object()


@dataclass(frozen=True, slots=True)
class Mistake:
    """A value to put into the first panel of a type, or into the board if there is none, and the expected message."""

    panel: str
    path: str
    value: object
    message: str

    def apply(self, boards: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], str]:
        """Copy the first board that has the path and make the mistake there; also return the expected line."""
        for broken in map(copy.deepcopy, boards):
            if not self.panel and put(broken, self.path, self.value):
                return broken, f"/{self.path}{self.message}"
            for number, panel in enumerate(broken["panels"]):
                if panel["type"] == self.panel and put(panel, self.path, self.value):
                    return broken, f'panel "{panel["title"]}": /panels/{number}/{self.path}{self.message}'
        raise LookupError(self.panel, self.path)


MISTAKES = (
    Mistake("", "timezzone", "browser", ": unknown key"),
    Mistake("", "title", 1, ": is 1, not of type string"),
    Mistake("", "schemaVersion", MISSING, ": missing"),
    Mistake("", "graphTooltip", 3, ": is 3, not one of [1,0,2]"),
    Mistake("", "annotations/list/0/exprr", "up", ": unknown key"),
    Mistake("", "annotations/list/0/placement", "above", ': is "above", not "inControlsMenu"'),
    Mistake("", "templating/list/1/name", MISSING, ": missing"),
    Mistake("", "links/0/type", "lnk", ': is "lnk", not one of ["link","dashboards"]'),
    Mistake("row", "collapsed", MISSING, ": missing"),
    Mistake("stat", "type", "stats", ': is "stats", not one of ["bargauge","heatmap","stat","table",'),
    Mistake("stat", "gridPos/w", "4", ': is "4", not of type number'),
    Mistake("stat", "options/graphMode", "aera", ': is "aera", not one of ["area","line","none"]'),
    Mistake("stat", "fieldConfig/defaults/decimals", "2", ': is "2", not of type number'),
    Mistake("stat", "fieldConfig/defaults/custom", {"lineWidth": 2}, "/lineWidth: unknown key"),
    Mistake("stat", "targets/0/exprr", "up", ": unknown key"),
    Mistake("stat", "targets/0/expr", MISSING, ": missing"),
    Mistake("stat", "targets/0/refId", MISSING, ": missing"),
    Mistake("bargauge", "options/text/size", 12, ": unknown key"),
    Mistake("bargauge", "targets/0/format", "tabel", ': is "tabel", not one of ["time_series","table","heatmap"]'),
    Mistake("table", "options/showHeader", MISSING, ": missing"),
    Mistake("table", "options/sortBy/0/descending", True, ": unknown key"),
    Mistake("table", "fieldConfig/defaults/custom/align", "middle", ': is "middle", not one of'),
    Mistake("table", "fieldConfig/defaults/custom/cellOptions", {"type": "pil"}, ': is {"type":"pil"}, which no'),
    Mistake("heatmap", "options/color/mode", "scheem", ': is "scheem", not one of ["opacity","scheme"]'),
    Mistake("heatmap", "options/yAxis/unit", 1, ": is 1, not of type string"),
    Mistake("timeseries", "options/legend/showLegnd", True, ": unknown key"),
    Mistake("timeseries", "options/legend/placement", MISSING, ": missing"),
    Mistake("timeseries", "fieldConfig/defaults/custom/drawStyle", "linez", ': is "linez", not one of ["bars","line",'),
    Mistake("timeseries", "fieldConfig/defaults/custom/stackng", {}, ": unknown key"),
    Mistake("timeseries", "fieldConfig/overrides/0/matcher/id", MISSING, ": missing"),
    Mistake("timeseries", "fieldConfig/overrides/0/properties/0/id", "colour", ': is "colour", not one of ["actions",'),
    Mistake(
        "timeseries",
        "fieldConfig/overrides/0/properties/0",
        {"id": "custom.lineStyle", "value": {"fill": "dashd"}},
        '/value/fill: is "dashd", not one of ["solid","dash",',
    ),
)


def put(into: Any, path: str, value: object) -> bool:
    """Set or remove a value at a path of keys and indices; return whether the path exists."""
    *parents, last = (int(key) if key.isdigit() else key for key in path.split("/"))
    try:
        for key in parents:
            into = into[key]
        if value is MISSING:
            del into[last]
        else:
            into[last] = value
    except LookupError:
        return False
    return True


def violations(paths: Iterable[Path]) -> list[str]:
    """The violations of the schema by the boards, one line each."""
    if not (SCHEMA / "node_modules").is_dir():
        pytest.skip(f"{SCHEMA.name}/node_modules is not installed; run npm ci there")
    command = [program("node"), str(SCHEMA / "validate.mjs"), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == bool(lines), done.stderr
    return lines


def write_board(directory: Path, name: str, model: dict[str, Any]) -> Path:
    """Write a board to a file."""
    path = directory / f"{name}.json"
    path.write_text(json.dumps(model), encoding="utf-8")
    return path


def test_every_board_is_valid() -> None:
    assert violations(PATHS) == []


def test_the_types_have_the_version_of_grafana_in_the_stack() -> None:
    version = json.loads((SCHEMA / "package.json").read_text())["dependencies"]["@grafana/schema"]
    assert SERVICES["grafana"]["image"].partition(":")[2].split(".")[:2] == version.split(".")[:2]


def test_a_violation_names_the_board_the_panel_the_path_and_the_error(tmp_path: Path) -> None:
    within = {"type": "stat", "title": "Within", "optionz": {}}
    model = {**board(PATHS[0]), "panels": [{"type": "row", "id": 1, "collapsed": True, "panels": [within]}]}
    expected = 'model.json: panel "Within": /panels/0/panels/0/optionz: unknown key'
    assert violations([write_board(tmp_path, "model", model)]) == [expected]


def test_every_mistake_is_reported_once(tmp_path: Path) -> None:
    boards = [board(path) for path in PATHS]
    broken = {f"{number}": mistake.apply(boards) for number, mistake in enumerate(MISTAKES)}
    lines = violations([write_board(tmp_path, name, model) for name, (model, _) in broken.items()])
    expected = [f"{name}.json: {line}" for name, (_, line) in broken.items()]
    assert len(lines) == len(expected)
    assert [pair for pair in zip(lines, expected, strict=True) if not pair[0].startswith(pair[1])] == []
