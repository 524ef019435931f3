"""The snapshot: all data of the dashboard in one JSON object."""

from __future__ import annotations

from typing import TypedDict

from exporter.reports.quota_report import QuotaReport
from exporter.snapshot.costs import CostRange
from exporter.snapshot.figures import AgentFigures, Sessions, TaskFigures, ToolError, ToolPerformance
from exporter.snapshot.latest_errors import LatestError
from exporter.snapshot.tools import ToolRange
from exporter.snapshot.waiting import TitledWaiting
from exporter.snapshot.work import RecentSessions, Running


class Items(TypedDict):
    """The lists of individual tasks, sessions and errors, which are limited to those that the viewer may see."""

    waiting: list[TitledWaiting]
    running: Running
    recent_sessions: RecentSessions
    latest_errors: list[LatestError]


class Costs(TypedDict):
    """What was spent in US dollars, None if it is unknown, and the tokens without a known price that it lacks."""

    cost_24h: float | None
    cost_today: float | None
    cost_month: float | None
    unpriced_tokens_24h: int
    unpriced_tokens_today: int
    unpriced_tokens_month: int


class Metrics(Items, Costs):
    """All data of the dashboard. Costs are US dollars; None if they are unknown, or no budget is configured.

    Tool calls cover the last hour and day, costs up to 30 days. `complete` is False while logs and transcripts are read
    for the first time.
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
    budget_day: float | None
    budget_month: float | None
    quota: QuotaReport
    calls_per_minute: float
    tools: dict[str, ToolRange]
    costs: dict[str, CostRange]
    complete: bool
