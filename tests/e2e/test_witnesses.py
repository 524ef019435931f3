"""The real Claude Code without hooks, and without a transcript: each session is shown with what its witness reports."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest

from exporter.hooks_reader import HooksReader
from exporter.ledger.reading import empty_ledger
from exporter.ledger.session_pages import ALL_SESSIONS, SessionFilter
from exporter.prices.table import load_prices
from exporter.reports.session_records import SessionSource
from tests.e2e.scenarios import ENDS
from tests.e2e.workplace import Workplace
from tests.support.page import sample


class Shown(NamedTuple):
    """What is shown of the only session: its witnesses, its calls and what reports their ends, and its cost."""

    witnesses: list[str]
    sources: set[str | None]
    have_inputs: bool
    outcomes: Counter[str]
    tools: Counter[str]
    cost_usd: float | None


def shown(workplace: Workplace) -> Shown:
    roots = (str(workplace.projects),)
    reader = HooksReader(workplace.sessions, transcript_roots=roots)
    (session,) = SessionSource(reader, roots, load_prices(), empty_ledger()).listed(SessionFilter(), ALL_SESSIONS)
    details = reader.get_session_details(session["session_uuid"])
    assert details
    tools = details["tools"]
    return Shown(
        session["witnesses"],
        {tool["source"] for tool in tools},
        all(tool["parameters"] for tool in tools),
        Counter(tool["outcome"] for tool in tools),
        Counter(tool["tool_name"] for tool in tools),
        session["cost_usd"],
    )


@pytest.mark.parametrize("option", ["--bare", "--safe-mode"])
def test_a_session_without_hooks_has_its_calls_and_its_cost(workplace: Workplace, option: str) -> None:
    workplace.run("tour", option)
    found = shown(workplace)
    assert (found.witnesses, found.sources, found.have_inputs) == (["transcript"], {"transcript"}, True)
    assert found.tools == Counter(workplace.api.asked)
    assert found.outcomes == ENDS["tour"] or option == "--bare"  # which lacks most tools, so that their calls fail
    assert found.cost_usd
    assert workplace.page()[sample("claude_sessions_without_cost")] == 0


def test_a_session_without_a_transcript_has_its_calls_and_an_unknown_cost(workplace: Workplace) -> None:
    workplace.run("tour", "--no-session-persistence")
    found = shown(workplace)
    assert (found.witnesses, found.outcomes) == (["hooks"], ENDS["tour"])
    assert found.cost_usd is None
    assert workplace.page()[sample("claude_sessions_without_cost")] == 1


def test_a_session_with_both_witnesses_has_each_call_once(workplace: Workplace) -> None:
    workplace.run("tour")
    found = shown(workplace)
    assert (found.witnesses, found.outcomes) == (["hooks", "transcript"], ENDS["tour"])
    assert found.cost_usd
