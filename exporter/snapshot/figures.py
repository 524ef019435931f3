"""The figures of the last 24 hours as JSON takes them: what each is made of, and how it is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol, TypedDict

from exporter.counting.rules import SessionCount
from exporter.model.clock import milliseconds
from exporter.model.money import dollars
from exporter.model.records import MAIN_AGENT, Outcome, SessionStatus
from exporter.model.sessions import status
from exporter.snapshot.call_window import CallWindow, quantile

MOST_NAMES = 200  # as many as a label takes on the metrics
MOST_ERRORS = 10
NO_WORKFLOW = "none"


class ToolPerformance(TypedDict):
    """How a tool did. The rate is that of the calls that ran to a success or an error; None where none did."""

    calls: int
    errors: int
    success_rate: float | None
    p50_ms: float | None
    p95_ms: float | None


class ToolError(TypedDict):
    """How often a tool failed in one way."""

    tool: str
    category: str
    count: int


class TaskFigures(TypedDict):
    """Tasks that ended, and what they cost."""

    completed: int
    failed: int
    stopped: int
    cost_usd: float


class AgentFigures(TypedDict):
    """What an agent did: its tool calls, and the tasks that were given to it by name."""

    calls: int
    success_rate: float | None
    tasks: TaskFigures


class Sessions(TypedDict):
    """Sessions by what they are doing."""

    active: int
    idle: int
    completed: int


class FinishedTask(Protocol):
    """A task that has ended, as far as the figures need it."""

    @property
    def status(self) -> str:
        """How it ended."""

    @property
    def agent_type(self) -> str:
        """Whom it was given to; empty for the main agent."""

    @property
    def workflow(self) -> str:
        """What it is part of; empty where it stands alone."""

    @property
    def cost_picodollars(self) -> int:
        """What it cost."""


def tool_performance(calls: CallWindow) -> dict[str, ToolPerformance]:
    """Each tool's figures, the most used first."""
    by_tool = _by(calls, 0)
    return {
        tool: {
            "calls": outcomes.total(),
            "errors": outcomes[Outcome.ERROR],
            "success_rate": success_rate_of(outcomes),
            "p50_ms": milliseconds(quantile(calls.durations_us.get(tool, ()), 0.5)),
            "p95_ms": milliseconds(quantile(calls.durations_us.get(tool, ()), 0.95)),
        }
        for tool, outcomes in _most_used(by_tool)
    }


def top_errors(calls: CallWindow) -> list[ToolError]:
    """What fails most."""
    ranked = sorted(calls.errors.items(), key=lambda item: (-item[1], item[0]))[:MOST_ERRORS]
    return [{"tool": tool, "category": category.value, "count": count} for (tool, category), count in ranked]


def by_agent(calls: CallWindow, tasks: Iterable[FinishedTask]) -> dict[str, AgentFigures]:
    """Each agent's figures, the busiest first."""
    found = _by(calls, 1)
    given: dict[str, list[FinishedTask]] = {}
    for task in tasks:
        name = task.agent_type or MAIN_AGENT
        found.setdefault(name, Counter())
        given.setdefault(name, []).append(task)
    return {
        agent: {
            "calls": outcomes.total(),
            "success_rate": success_rate_of(outcomes),
            "tasks": task_figures(given.get(agent, ())),
        }
        for agent, outcomes in _most_used(found)
    }


def by_workflow(tasks: Iterable[FinishedTask]) -> dict[str, TaskFigures]:
    """Each workflow's tasks."""
    found: dict[str, list[FinishedTask]] = {}
    for task in tasks:
        found.setdefault(task.workflow or NO_WORKFLOW, []).append(task)
    busiest = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_NAMES]
    return {workflow: task_figures(those) for workflow, those in busiest}


def task_figures(tasks: Iterable[FinishedTask]) -> TaskFigures:
    """How tasks ended, and what they cost together."""
    those = list(tasks)
    ended = Counter(str(task.status) for task in those)
    return {
        "completed": ended["completed"],
        "failed": ended["failed"],
        "stopped": ended["stopped"],
        "cost_usd": dollars(sum(task.cost_picodollars for task in those)),
    }


def sessions(known: Iterable[SessionCount], now_us: int) -> Sessions:
    """How many sessions there are of each status."""
    numbers = Counter(status(count.session, now_us) for count in known)
    return {
        "active": numbers[SessionStatus.ACTIVE],
        "idle": numbers[SessionStatus.IDLE],
        "completed": numbers[SessionStatus.COMPLETED],
    }


def _by(calls: CallWindow, place: int) -> dict[str, Counter[Outcome]]:
    """The outcomes by tool (0) or agent (1)."""
    found: dict[str, Counter[Outcome]] = {}
    for key, number in calls.outcomes.items():
        found.setdefault(str(key[place]), Counter())[key[2]] += number
    return found


def _most_used(found: Mapping[str, Counter[Outcome]]) -> list[tuple[str, Counter[Outcome]]]:
    return sorted(found.items(), key=lambda item: (-item[1].total(), item[0]))[:MOST_NAMES]


def success_rate_of(outcomes: Mapping[Outcome, int]) -> float | None:
    """The share of successes among the calls that ran to a success or an error; None where none did."""
    ran = outcomes[Outcome.SUCCESS] + outcomes[Outcome.ERROR]
    return outcomes[Outcome.SUCCESS] / ran if ran else None
