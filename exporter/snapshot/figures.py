"""The figures of the last 24 hours in the form of the JSON API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol, TypedDict

from exporter.counting.session_count import SessionCount
from exporter.model.clock import milliseconds
from exporter.model.money import dollars
from exporter.model.quantiles import quantile
from exporter.model.records import MAIN_AGENT, Outcome, SessionStatus
from exporter.model.sessions import status
from exporter.snapshot.call_window import CallWindow

MAX_NAMES = 200  # the default limit of label values in the metrics
MAX_ERRORS = 10
NO_WORKFLOW = "none"


class ToolPerformance(TypedDict):
    """The figures of a tool. The success rate is among calls that succeeded or failed; None if there are none."""

    calls: int
    errors: int
    success_rate: float | None
    p50_ms: float | None
    p95_ms: float | None


class ToolError(TypedDict):
    """The number of failures of a tool in one error category."""

    tool: str
    category: str
    count: int


class TaskFigures(TypedDict):
    """The numbers of ended tasks by status, and what is known of their cost; of `incomplete_costs` that is not all."""

    completed: int
    failed: int
    stopped: int
    cost_usd: float
    incomplete_costs: int


class AgentFigures(TypedDict):
    """The tool calls of an agent, and the tasks that were assigned to it."""

    calls: int
    success_rate: float | None
    tasks: TaskFigures


class Sessions(TypedDict):
    """The numbers of sessions by status."""

    active: int
    idle: int
    completed: int


class FinishedTask(Protocol):
    """The attributes of an ended task that the figures need."""

    @property
    def status(self) -> str:
        """`completed`, `failed` or `stopped`."""

    @property
    def agent_type(self) -> str:
        """The agent that it was assigned to; empty for the main agent."""

    @property
    def workflow(self) -> str:
        """The workflow that it belongs to; empty if there is none."""

    @property
    def finished_us(self) -> int | None:
        """The end of its run."""

    @property
    def cost_picodollars(self) -> int:
        """The cost of its run, as far as it is known."""

    @property
    def cost_known(self) -> bool:
        """Whether that is all of it."""


def tool_performance(calls: CallWindow) -> dict[str, ToolPerformance]:
    """The figures of each tool, the most used first."""
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
    """The most frequent errors."""
    ranked = sorted(calls.errors.items(), key=lambda item: (-item[1], item[0]))[:MAX_ERRORS]
    return [{"tool": tool, "category": category.value, "count": count} for (tool, category), count in ranked]


def by_agent(calls: CallWindow, tasks: Iterable[FinishedTask]) -> dict[str, AgentFigures]:
    """The figures of each agent, the one with the most calls first."""
    found = _by(calls, 1)
    assigned: dict[str, list[FinishedTask]] = {}
    for task in tasks:
        name = task.agent_type or MAIN_AGENT
        found.setdefault(name, Counter())
        assigned.setdefault(name, []).append(task)
    return {
        agent: {
            "calls": outcomes.total(),
            "success_rate": success_rate_of(outcomes),
            "tasks": task_figures(assigned.get(agent, ())),
        }
        for agent, outcomes in _most_used(found)
    }


def by_workflow(tasks: Iterable[FinishedTask]) -> dict[str, TaskFigures]:
    """The tasks of each workflow, the one with the most tasks first."""
    found: dict[str, list[FinishedTask]] = {}
    for task in tasks:
        found.setdefault(task.workflow or NO_WORKFLOW, []).append(task)
    largest = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:MAX_NAMES]
    return {workflow: task_figures(own) for workflow, own in largest}


def task_figures(tasks: Iterable[FinishedTask]) -> TaskFigures:
    """The numbers of tasks by status, and their total cost."""
    listed = list(tasks)
    ended = Counter(str(task.status) for task in listed)
    return {
        "completed": ended["completed"],
        "failed": ended["failed"],
        "stopped": ended["stopped"],
        "cost_usd": dollars(sum(task.cost_picodollars for task in listed)),
        "incomplete_costs": sum(not task.cost_known for task in listed),
    }


def sessions(known: Iterable[SessionCount], now_us: int) -> Sessions:
    """The numbers of sessions by their current status."""
    numbers = Counter(status(count.session, now_us) for count in known)
    return {
        "active": numbers[SessionStatus.ACTIVE],
        "idle": numbers[SessionStatus.IDLE],
        "completed": numbers[SessionStatus.COMPLETED],
    }


def _by(calls: CallWindow, index: int) -> dict[str, Counter[Outcome]]:
    """The outcomes by tool (0) or agent (1)."""
    found: dict[str, Counter[Outcome]] = {}
    for key, number in calls.outcomes.items():
        found.setdefault(str(key[index]), Counter())[key[2]] += number
    return found


def _most_used(found: Mapping[str, Counter[Outcome]]) -> list[tuple[str, Counter[Outcome]]]:
    return sorted(found.items(), key=lambda item: (-item[1].total(), item[0]))[:MAX_NAMES]


def success_rate_of(outcomes: Mapping[Outcome, int]) -> float | None:
    """The share of successes among calls that succeeded or failed; None if there are none."""
    ran = outcomes[Outcome.SUCCESS] + outcomes[Outcome.ERROR]
    return outcomes[Outcome.SUCCESS] / ran if ran else None
