"""The queries of the boards, as Grafana asks them, with increases in one of several ways, as lines of JSON.

python -m tests.benchmarks.boards.asked WAY
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards import growth
from dashboards.gaps import gap_queries

SCRAPE_SECONDS = 15
COLUMN_PIXELS = 78  # of 24 on a wide screen; a panel has a point for each pixel if it sets no maximum
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# Grafana's steps: each is used below the limit.
STEPS = (
    (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120), (450, 300), (750, 600), (1050, 900),
    (1500, 1200), (2700, 1800), (5400, 3600), (9000, 7200), (16200, 10800), (32400, 21600), (86400, 43200),
)  # fmt: skip


class Query(NamedTuple):
    """A query; its text still has the hidden variables, by name."""

    board: str
    panel: str
    text: str
    instant: bool
    step_seconds: int
    range_seconds: int


def before(counter: str, marker: str = growth.EXPORTER, window: str = growth.RANGE) -> str:
    """What boards asked of all targets, before they asked it of those with gaps only."""
    end, lowest = f"last_over_time({counter}[{window}])", f"min_over_time({counter}[{window}])"
    earlier, marker_earlier = (f"last_over_time({one}[1d] offset {window})" for one in (counter, marker))
    samples, marker_samples = (f"count_over_time({one}[{window}])" for one in (counter, marker))
    return f"""({end} - (
  {lowest} < {earlier}
  or {earlier}
  or {lowest} unless (
    {end} and ignoring ({growth.OWN_LABELS}) {marker_earlier}
    or {samples} < ignoring ({growth.OWN_LABELS}) group_left () ({marker_samples} - 2)
  )
  or 0 * {end}
))"""


def rate_before(counter: str, marker: str = growth.EXPORTER) -> str:
    """What boards asked for rates and quantiles."""
    return f"rate({counter}[$__rate_interval])"


def increase(counter: str, marker: str = growth.EXPORTER, window: str = growth.RANGE) -> str:
    """PromQL's own function, which is not exact."""
    return f"increase({counter}[{window}])"


WAYS = {"now": growth.exact_increase, "before": before, "increase": increase}


def queries(way: str) -> Iterator[Query]:
    """Every query of every board; only once in a process, because the boards are imported with it."""
    growth.exact_increase = WAYS[way]
    if way == "before":
        growth.exact_rate = rate_before
    for board in (make() for make in import_module("dashboards.boards").BOARDS):
        seconds = _seconds(board.time_from.removeprefix("now-"))
        for panel in json.loads(json.dumps(board.to_grafana(), cls=JSONEncoder))["panels"]:
            step = _step(panel, seconds)
            for target in panel.get("targets", ()):
                filled = _filled(target["expr"], step, seconds)
                yield Query(board.info.name, panel["title"], filled, target["instant"], step, seconds)


def variables(range_seconds: int) -> dict[str, str]:
    """The expression of each hidden variable."""
    expressions = (text.removeprefix("query_result(")[:-1] for text in gap_queries().values())
    return dict(zip(gap_queries(), (_filled(one, SCRAPE_SECONDS, range_seconds) for one in expressions), strict=True))


def _filled(expr: str, step: int, range_seconds: int) -> str:
    values = {
        "__rate_interval": f"{max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s",
        "__interval": f"{step}s",
        "__interval_ms": str(1000 * step),
        "__range": f"{range_seconds}s",
        "__range_ms": str(1000 * range_seconds),
    }
    hidden = {name: f"${name}" for name in gap_queries()}
    return re.sub(r"\$(\w+)", lambda name: (values | hidden).get(name[1], ".*"), expr)


def _step(panel: dict[str, Any], range_seconds: int) -> int:
    points = panel.get("maxDataPoints") or panel["gridPos"]["w"] * COLUMN_PIXELS
    step = next((step for limit, step in STEPS if range_seconds / points < limit), SECONDS["d"])
    return max(step, _seconds(panel.get("interval") or f"{SCRAPE_SECONDS}s"))


def _seconds(duration: str) -> int:
    return int(duration[:-1]) * SECONDS[duration[-1]]


if __name__ == "__main__":
    for query in queries(sys.argv[1]):
        sys.stdout.write(json.dumps(query) + "\n")
