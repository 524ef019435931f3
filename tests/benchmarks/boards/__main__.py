"""`make bench-boards`: what the queries of the boards cost Prometheus.

Each board is asked at its default range in three ways: as it is, as before, and with PromQL's `increase`, which is not
exact. Processor time is measured, so that other work on the machine changes little.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.benchmarks.boards.asked import WAYS, Query, variables
from tests.benchmarks.boards.database import Database, database
from tests.benchmarks.figures import Figure, add, in_own_process, show, table, temporary_directory
from tests.dashboards.committed import one_of

DAY = 86400
FEW, MANY = 10, 100
ASKED = "tests.benchmarks.boards.asked"
Cost = dict[str, float]  # seconds of processor time, by board


def main() -> None:
    """Measure all boards with a few hosts, and the Overview with many, and print a table."""
    queries = {way: [Query(*json.loads(line)) for line in in_own_process(ASKED, way).splitlines()] for way in WAYS}
    shown = table("The queries of the boards, seconds of processor time of Prometheus")
    with temporary_directory() as directory, database(directory, FEW, 8 * DAY) as few:
        for figure in _compared({way: _costs(few, queries[way]) for way in WAYS}):
            add(shown, figure)
    overview = [query for query in queries["now"] if query.board == "overview"]
    with temporary_directory() as directory, database(directory, MANY, 2 * DAY) as many:
        cost = sum(_costs(many, overview).values())
    add(shown, Figure(f"overview, {MANY} hosts, 24 hours", cost, "s", most=5))
    show(shown)


def _costs(prometheus: Database, queries: Iterable[Query]) -> Cost:
    costs: Cost = defaultdict(float)
    values: dict[int, dict[str, str]] = {}
    for query in queries:
        if "$" in query.text and query.range_seconds not in values:
            seconds, values[query.range_seconds] = _variables(prometheus, query.range_seconds)
            costs[query.board] += seconds
        text = query.text
        for name, value in values.get(query.range_seconds, {}).items():
            text = text.replace(f'"${name}"', f'"{value}"')
        costs[query.board] += _ask(prometheus, query._replace(text=text))
    return costs


def _variables(prometheus: Database, range_seconds: int) -> tuple[float, dict[str, str]]:
    """The hidden variables of a range: what all of them cost, and their values."""
    cost, values = 0.0, {}
    for name, expr in variables(range_seconds).items():
        seconds, found = prometheus.ask("query", query=expr, time=prometheus.end)
        cost, values[name] = cost + seconds, one_of(one["metric"]["instance"] for one in found)
    return cost, values


def _ask(prometheus: Database, query: Query) -> float:
    end, step = prometheus.end, query.step_seconds
    if query.instant:
        return prometheus.ask("query", query=query.text, time=end)[0]
    span = {"start": (end - query.range_seconds) // step * step, "end": end // step * step, "step": step}
    return prometheus.ask("query_range", query=query.text, **span)[0]


def _compared(costs: dict[str, Cost]) -> Iterator[Figure]:
    for board, cost in costs["now"].items():
        yield Figure(f"{board}, {FEW} hosts", cost, "s", costs["increase"][board], limit_name="increase")
    now, before, increase = (sum(costs[way].values()) for way in ("now", "before", "increase"))
    yield Figure(f"all boards, {FEW} hosts", now, "s", before, most=0.2, limit_name="before")
    yield Figure(f"all boards, {FEW} hosts", now, "s", increase, most=1.5, limit_name="increase")


if __name__ == "__main__":
    main()
