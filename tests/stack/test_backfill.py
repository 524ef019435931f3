"""The commands of docs/backfill.md for containers: what was done before the stack was started is in all totals."""

from __future__ import annotations

import pytest

from tests.dashboards.totals import OF_EXPORTERS, Increases, board_totals, page_totals
from tests.stack.compose import PAST, PROMETHEUS, VICTORIAMETRICS, Stack
from tests.stack.daemon import wait_long
from tests.stack.documented import documented
from tests.stack.work import Work, sums

CALLS = tuple(total for total in OF_EXPORTERS if total[1:] == ("claude_tool_calls_total", ("tool",)))
RECIPES = {PROMETHEUS: "/prometheus/history.om", VICTORIAMETRICS: "http://CENTRAL:8428"}


@pytest.mark.parametrize("address", RECIPES, ids=["Prometheus", "VictoriaMetrics"])
def test_a_loaded_history_continues_in_the_live_series(stack: Stack, work: Work, since: float, address: str) -> None:
    work.go_on()
    work.settle()
    stack.run(documented("backfill.md", RECIPES[address]).replace("CENTRAL", "127.0.0.1"))
    everything = page_totals({}, sums(work.truth(), stack.past.expected()), CALLS)
    shown = list[Increases]()

    def is_exact() -> bool:
        shown[:] = board_totals(address, CALLS, since - PAST.total_seconds() - 600)
        return shown == everything

    try:
        wait_long(is_exact, "the totals of past and present")
    except AssertionError:
        assert shown == everything


def test_every_file_of_prometheus_belongs_to_its_user(stack: Stack, work: Work) -> None:
    assert stack.run("docker compose exec prometheus find /prometheus ! -user nobody") == ""
