"""The cost of each session, and what it lacks, is the same for whoever reports it: also of forks and sub-agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.hooks_reader import HooksReader
from exporter.ledger.reading import read_ledger_or_empty
from exporter.ledger.session_pages import ALL_SESSIONS, SessionFilter
from exporter.model.clock import from_us
from exporter.prices.table import load_prices
from exporter.reports.cost_groups import Grouping
from exporter.reports.cost_report import report
from exporter.reports.recent_messages import recent_messages
from exporter.reports.session_records import SessionSource
from exporter.snapshot.live_spending import LiveSpending
from tests.support.partly_priced import PRICED, UNPRICED, count, own_prices
from tests.support.synthetic_logs import SECOND_US, now_us
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, write

FORK, SUBAGENT = "fork", f"{SESSION}/subagents/agent-x"
Costs = dict[str, tuple[float | None, int]]


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    """A session with a sub-agent, and a fork of it; both used a model without a price, the fork nothing else."""
    projects, start_us = tmp_path / "projects", now_us() - 600 * SECOND_US

    def say(name: str, number: int, model: str, session: str = SESSION, **fields: Any) -> None:
        at = from_us(start_us + number * SECOND_US).isoformat()
        line = assistant_line(
            number, usage(1_000 + number, 500), model=model, timestamp=at, sessionId=session, **fields
        )
        write(projects / SLUG / f"{name}.jsonl", line)

    for number, model in enumerate((PRICED, UNPRICED, PRICED)):
        say(SESSION, number, model)
        say(FORK, number, model, FORK, forkedFrom={"sessionId": SESSION, "messageUuid": f"uuid-{number}-0"})
    for number, model in ((10, UNPRICED), (11, PRICED)):
        say(SUBAGENT, number, model, isSidechain=True, agentId="x")
    say(FORK, 20, UNPRICED, FORK)
    return projects


def reported(data: Path, projects: Path, own: Path | None) -> list[Costs]:
    """The costs of the list of sessions, of the cost report and of the dashboard."""
    prices, roots = load_prices(own), (str(projects),)
    with read_ledger_or_empty(data) as ledger:
        source = SessionSource(HooksReader(data / "none", transcript_roots=roots), roots, prices, ledger)
        listed = source.listed(SessionFilter(), ALL_SESSIONS)
        messages = recent_messages(ledger, roots, prices, 0).all()
        rows = report(messages, Grouping(("session",)), None, now_us())["rows"]
    live = LiveSpending(data, roots, prices=prices)
    live.refresh(60)
    live.close()
    return [
        {one["session_uuid"]: (one["cost_usd"], one["unpriced_tokens"]) for one in listed},
        {row["session"]: (row["cost_usd"], row["unpriced_tokens"]) for row in rows},
        {session_id: (cost.dollars, cost.unpriced_tokens) for session_id, cost in live.by_session.items()},
    ]


@pytest.mark.parametrize("is_counted", [False, True])
def test_all_agree_before_and_after_a_price_is_set(projects: Path, tmp_path: Path, *, is_counted: bool) -> None:
    if is_counted:
        count(tmp_path / "data", projects)
    priced = sum(1_000 + number + 500 * 5 for number in (0, 2, 11)) / 1_000_000
    lacking = {SESSION: (priced, 1_501 + 1_510), FORK: (None, 1_520)}
    assert reported(tmp_path / "data", projects, None) == [lacking] * 3
    own = [(2 * (1_000 + number) + 4 * 500) / 1_000_000 for number in (1, 10, 20)]
    complete = {SESSION: (pytest.approx(priced + own[0] + own[1], abs=1e-12), 0), FORK: (own[2], 0)}
    found = reported(tmp_path / "data", projects, own_prices(tmp_path))
    assert found == [complete] * 3
    assert found[0] == found[1] == found[2]
