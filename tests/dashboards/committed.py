"""The boards as they are committed, and their queries with the variables filled in as Grafana would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "provisioning" / "grafana" / "dashboards"
PATHS = sorted(FOLDER.glob("*.json"))
RANGE_SECONDS, STEP_SECONDS = 24 * 3600, 300
LABEL_VALUES = re.compile(r"label_values\((?P<selector>.+), (?P<label>\w+)\)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a board: who asks it, and whether only how things stand at the end is wanted."""

    board: str
    title: str
    expr: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.board} / {self.title}"

    @property
    def filled(self) -> str:
        """The expression with every variable at All."""
        return filled(self.expr)


def board(path: Path) -> dict[str, Any]:
    """A board's JSON."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def panels(of: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels of a board that are no rows."""
    return [panel for panel in of["panels"] if panel["type"] != "row"]


def panel_queries() -> Iterator[Asked]:
    """Every query of every panel."""
    for path in PATHS:
        for panel in panels(board(path)):
            for target in panel["targets"]:
                yield Asked(path.stem, panel["title"], target["expr"], target["instant"])


def annotation_queries() -> Iterator[Asked]:
    """Every query of every annotation."""
    for path in PATHS:
        for annotation in board(path)["annotations"]["list"]:
            yield Asked(path.stem, annotation["name"], annotation["expr"], instant=False)


def variables() -> Iterator[tuple[str, str, str]]:
    """Every variable that is asked for: its board and name, and of which series it takes which label."""
    for path in PATHS:
        for variable in board(path)["templating"]["list"]:
            if variable["type"] == "query":
                found = LABEL_VALUES.fullmatch(variable["query"]["query"])
                assert found, variable
                yield f"{path.stem} / {variable['name']}", filled(found["selector"]), found["label"]


def filled(expr: str, span: str = f"{RANGE_SECONDS}s", step: str = f"{STEP_SECONDS}s") -> str:
    """An expression with every variable at All."""
    expr = expr.replace("$__rate_interval", "15m").replace("$__range", span).replace("$__interval", step)
    return re.sub(r"\$[a-z]\w*", ".*", expr)


def selectors_of(expr: str) -> set[str]:
    """Every selector of series in an expression, whatever time it looks at."""
    found: set[str] = set()

    def note(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector):
            found.add(part.prettify().partition(" offset ")[0])

    promql_parser.walk(promql_parser.parse(expr), note)
    return found
