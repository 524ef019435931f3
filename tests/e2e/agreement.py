"""What hookmeter reads about the sessions of a workplace from hook logs, from transcripts, and from both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import pytest

from exporter.model.records import MAIN_AGENT
from tests.e2e.workplace import Workplace
from tests.support.page import Samples
from tests.support.whole_lines import whole_lines

TOLERANCE_USD = 1e-9
Costs = dict[str, float]


class Witnesses(Enum):
    """What there is to read."""

    HOOKS = "hooks"
    TRANSCRIPTS = "transcripts"
    BOTH = "both"


@dataclass(frozen=True)
class Reading:
    """The numbers of all sessions of a workplace.

    Calls are counted by `tool outcome`, those of sub-agents by `agent: tool outcome`; `agents` are the ended runs of
    sub-agents, by `agent outcome`. `open` is the number of calls and runs that have not ended.
    """

    calls: Mapping[str, int] = field(default_factory=dict)
    prompts: int = 1
    automatic_prompts: int = 0
    agents: Mapping[str, int] = field(default_factory=dict)
    compactions: int = 0
    sessions: int = 1
    without_cost: int = 0
    open: int = 0


NOTHING = Reading(prompts=0, sessions=0)


@dataclass(frozen=True)
class Situation:
    """What Claude Code does, giving what it says that each session costs, and what is right then.

    `by_hooks` and `by_transcripts` have what one witness cannot tell, so that its numbers differ.
    """

    play: Callable[[Workplace], Costs]
    right: Reading
    by_hooks: Mapping[str, Any] = field(default_factory=dict)
    by_transcripts: Mapping[str, Any] = field(default_factory=dict)

    def right_for(self, witnesses: Witnesses) -> Reading:
        """What is to be read from these witnesses; hooks never know a cost."""
        if witnesses is Witnesses.HOOKS:
            return replace(self.right, **{"without_cost": self.right.sessions, **self.by_hooks})
        return replace(self.right, **(self.by_transcripts if witnesses is Witnesses.TRANSCRIPTS else {}))


def assert_agree(workplace: Workplace, situation: Situation) -> None:
    """Play a situation; the metrics and the cost report say what is right, whatever there is to read."""
    spent = situation.play(workplace)
    for witnesses in Witnesses:
        with only(workplace, witnesses):
            assert (witnesses, reading(workplace)) == (witnesses, situation.right_for(witnesses))
            known = {} if witnesses is Witnesses.HOOKS else spent
            assert costs(workplace) == pytest.approx(known, abs=TOLERANCE_USD, rel=0), witnesses


def reading(workplace: Workplace) -> Reading:
    """What the metrics say."""
    page = workplace.page()
    return Reading(
        _sums(page, "claude_tool_calls_total", _call),
        _total(page, "claude_prompts_total"),
        _total(page, "claude_automatic_prompts_total"),
        _sums(page, "claude_subagents_ended_total", lambda labels: f"{labels['agent']} {labels['outcome']}"),
        _total(page, "claude_compactions_total"),
        _total(page, "claude_sessions_started_total"),
        _total(page, "claude_sessions_without_cost"),
        _total(page, "hookmeter_open_calls") + _total(page, "claude_subagents_running"),
    )


def costs(workplace: Workplace) -> Costs:
    """What `hookmeter cost` says of each session."""
    return {row["session"]: row["cost_usd"] for row in cost_report(workplace)["rows"] if row["cost_usd"]}


def cost_report(workplace: Workplace) -> dict[str, Any]:
    """The output of `hookmeter cost`, by session."""
    command = [sys.executable, "-m", "exporter", "cost", "--json", "--by", "session"]
    run = subprocess.run(
        [*command, "--transcripts-dir", workplace.projects], check=True, capture_output=True, timeout=60
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def result(stream: str) -> dict[str, Any]:
    """What Claude Code reports at the end of a run."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.splitlines()]
    return [line for line in lines if line["type"] == "result"][-1]


def cost(stream: str) -> Costs:
    """The total cost of the session at the end of a run."""
    found = result(stream)
    return {found["session_id"]: found["total_cost_usd"]} if found["total_cost_usd"] else {}


def final_costs(workplace: Workplace) -> Costs:
    """The total cost of each session as its transcript ends."""
    files = workplace.projects.glob("*/*.jsonl")
    lines = [json.loads(line) for file in files for line in whole_lines(file) if '"cost-state"' in line]
    return {line["sessionId"]: line["totalCostUSD"] for line in lines if line["totalCostUSD"]}


@contextmanager
def only(workplace: Workplace, witnesses: Witnesses) -> Iterator[None]:
    """Move away what the other witnesses have written."""
    hidden = {Witnesses.HOOKS: workplace.projects, Witnesses.TRANSCRIPTS: workplace.sessions}.get(witnesses)
    if hidden is None or not hidden.exists():
        yield
        return
    aside = hidden.rename(workplace.directory / "hidden")
    try:
        hidden.mkdir()
        yield
    finally:
        hidden.rmdir()
        aside.rename(hidden)


def _call(labels: Mapping[str, str]) -> str:
    agent = "" if labels["agent"] == MAIN_AGENT else f"{labels['agent']}: "
    return f"{agent}{labels['tool']} {labels['outcome']}"


def _sums(page: Samples, name: str, key: Callable[[Mapping[str, str]], str]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for (metric, labels), value in page.items():
        if metric == name and value:
            sums[key(dict(labels))] += int(value)
    return sums


def _total(page: Samples, name: str) -> int:
    return int(sum(value for (metric, _), value in page.items() if metric == name))
