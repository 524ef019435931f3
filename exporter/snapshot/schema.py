"""The snapshot: everything that a dashboard shows, in one piece."""

from __future__ import annotations

from typing import TypedDict

from exporter.snapshot.costs import CostRange
from exporter.snapshot.figures import AgentFigures, Sessions, TaskFigures, ToolError, ToolPerformance
from exporter.snapshot.latest_errors import LatestError
from exporter.snapshot.tools import ToolRange
from exporter.snapshot.work import RecentSessions, Running


class Items(TypedDict):
    """What is told one by one, so that not everyone may see all of it."""

    running: Running
    recent_sessions: RecentSessions
    latest_errors: list[LatestError]


class Metrics(Items):
    """What a dashboard shows. Costs are US dollars; None where they are not read, or no budget is set.

    Tool calls are known for the last hour and day, costs for longer, too. `complete` says whether all logs and
    transcripts are read; on a cold start that may take a while.
    """

    active_tasks: int
    pending_tasks: int
    completed_tasks_24h: int
    failed_tasks_24h: int
    stopped_tasks_24h: int
    tool_usage_24h: dict[str, int]
    tool_performance: dict[str, ToolPerformance]
    top_errors: list[ToolError]
    by_agent: dict[str, AgentFigures]
    by_workflow: dict[str, TaskFigures]
    sessions: Sessions
    cost_24h: float | None
    cost_today: float | None
    cost_month: float | None
    budget_day: float | None
    budget_month: float | None
    calls_per_minute: float
    tools: dict[str, ToolRange]
    costs: dict[str, CostRange]
    complete: bool
