"""The committed boards, and their queries with the variables filled in as Grafana does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import promql_parser

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "provisioning" / "grafana" / "dashboards").glob("*.json"))
RANGE_SECONDS, STEP_SECONDS = 24 * 3600, 300
LABEL_VALUES = re.compile(r"label_values\((?P<selector>.+), (?P<label>\w+)\)")
QUERY_RESULT = re.compile(r"query_result\((?P<expr>.+)\)")


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """A query of a panel or an annotation, which `title` names."""

    board: str
    title: str
    expr: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.board} / {self.title}"

    @property
    def filled(self) -> str:
        """The expression with every variable set to All."""
        return filled(self.expr)


def board(path: Path) -> dict[str, Any]:
    """The JSON of a board."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def panels(of: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels of a board, without its rows."""
    return [panel for panel in of["panels"] if panel["type"] != "row"]


def panel_queries() -> Iterator[BoardQuery]:
    """Every query of every panel."""
    for path in PATHS:
        for panel in panels(board(path)):
            for target in panel["targets"]:
                yield BoardQuery(path.stem, panel["title"], target["expr"], target["instant"])


def annotation_queries() -> Iterator[BoardQuery]:
    """Every query of every annotation."""
    for path in PATHS:
        for annotation in board(path)["annotations"]["list"]:
            yield BoardQuery(path.stem, annotation["name"], annotation["expr"], instant=False)


def variables() -> Iterator[tuple[str, str, str]]:
    """Every visible query variable: its board and name, the selector of its series, and the label of its values."""
    for path, variable in _query_variables():
        if "hide" not in variable:
            found = LABEL_VALUES.fullmatch(variable["query"]["query"])
            assert found, variable
            yield f"{path.stem} / {variable['name']}", filled(found["selector"]), found["label"]


def gap_expressions() -> dict[str, str]:
    """The expression of each hidden variable, whose series' instances are its values."""
    return {
        variable["name"]: found["expr"]
        for _, variable in _query_variables()
        if (found := QUERY_RESULT.fullmatch(variable["query"]["query"]))
    }


def _query_variables() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in PATHS:
        for variable in board(path)["templating"]["list"]:
            if variable["type"] == "query":
                yield path, variable


def filled(
    expr: str,
    span: str = f"{RANGE_SECONDS}s",
    step: str = f"{STEP_SECONDS}s",
    values: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """An expression with these values of variables, and every other variable set to All."""
    expr = expr.replace("$__rate_interval", "15m").replace("$__range_ms", _milliseconds(span)).replace("$__range", span)
    expr = expr.replace("$__interval_ms", _milliseconds(step)).replace("$__interval", step)
    return re.sub(r"\$([a-z]\w*)", lambda name: values.get(name[1], ".*"), expr)


def _milliseconds(duration: str) -> str:
    found = re.fullmatch(r"(\d+)(ms|s|m)", duration)
    assert found, duration
    return str(int(found[1]) * {"ms": 1, "s": 1000, "m": 60_000}[found[2]])


def one_of(values: Iterable[str]) -> str:
    """Several values of a variable as the regular expression that Grafana writes into a query."""
    escaped = (re.sub(r"[\\^$*+?.()|\[\]{}]", r"\\\\\g<0>", value).replace('"', r"\\\"") for value in values)
    return f"({'|'.join(escaped)})"


def selectors_of(expr: str) -> set[str]:
    """Every series selector in an expression, without offsets and times."""
    found: set[str] = set()

    def add_selector(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector):
            found.add(re.split(" (?:offset|@) ", part.prettify())[0])

    promql_parser.walk(promql_parser.parse(expr), add_selector)
    return found
