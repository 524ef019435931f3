"""The last 24 hours in one piece: tasks, tool calls, sessions and costs, computed once for all who ask."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import datetime
from time import monotonic
from typing import Any, Protocol, TypedDict, TypeVar

from exporter.counting.budgets import NO_BUDGETS
from exporter.model.clock import from_us
from exporter.model.money import dollars, dollars_or_none
from exporter.model.sessions import WINDOW_US
from exporter.snapshot import figures as live_figures
from exporter.snapshot.costs import cost_ranges
from exporter.snapshot.figures import FinishedTask
from exporter.snapshot.latest_errors import MOST_SHOWN
from exporter.snapshot.live_sessions import ToolTracker
from exporter.snapshot.live_spending import NOT_READ, SpendingTracker
from exporter.snapshot.schema import Items, Metrics
from exporter.snapshot.tools import calls_per_minute, tool_range
from exporter.snapshot.work import OpenTask, recent_sessions, running
from exporter.views.requests import RequestSpent, request_spent
from exporter.views.sessions import SessionDetails, ToolUse

KEPT_SECONDS = 2.0
RATE_MINUTES = 5
HOUR_SLOTS, DAY_SLOTS = 60, 48
Result = TypeVar("Result")


class Task(Protocol):
    """One task, as far as its details need it. Times are microseconds since the epoch."""

    @property
    def task_id(self) -> str:
        """What it is called."""

    @property
    def status(self) -> str:
        """Where it is on its way."""

    @property
    def started_us(self) -> int | None:
        """When it began to run."""

    @property
    def finished_us(self) -> int | None:
        """When it ended."""

    @property
    def session_uuid(self) -> str | None:
        """The session that its hook logs are of."""

    @property
    def progress(self) -> float | None:
        """How far it is, of 1."""

    @property
    def cost_picodollars(self) -> int:
        """What it cost."""


class TaskManager(Protocol):
    """Who knows the tasks. A viewer is whoever asks: they see their own, or all."""

    def counts(self, viewer: Any, /) -> Mapping[Any, int]:
        """How many there are of each status."""

    def finished_since(self, since_us: int, /) -> Iterable[FinishedTask]:
        """Those of all users that have ended since a moment."""

    def open_tasks(self, viewer: Any, /) -> Iterable[OpenTask]:
        """Those that wait or run."""

    def ended_lately(self, viewer: Any, /) -> Iterable[OpenTask]:
        """Some of those that have ended, the last one first."""

    def get(self, prefix: str, viewer: Any, /) -> Task:
        """The one whose id begins so."""


class HooksReader(Protocol):
    """Who knows the calls of a session."""

    def get_session_details(self, session_uuid: str, /) -> SessionDetails | None:
        """Its calls and its summary; None where no log names it."""


class Beside(Protocol):
    """How work is done that blocks: beside the others, where greenlets share a thread."""

    def __call__(self, work: Callable[[], Result], /) -> Result:
        """Do it, and give what it gives."""


class TaskDetails(TypedDict):
    """A task and the tool calls that the hook logs tell of, as they are shown: redacted."""

    task_id: str
    status: str
    progress: float | None
    duration_ms: float | None
    session_uuid: str | None
    cost_usd: float
    tool_usage: list[ToolUse]


def here(work: Callable[[], Result]) -> Result:
    """Do it in this very thread."""
    return work()


class MetricsAggregator:
    """What a dashboard shows. Any thread may ask: what was computed is kept for two seconds, for all of them.

    `everyone` is the viewer that sees all tasks. `beside` does what blocks: the reading of logs and transcripts.
    Sessions come from the tracker, so that no log is read twice. Without a spending tracker, costs are None.
    """

    def __init__(
        self,
        task_manager: TaskManager,
        tool_tracker: ToolTracker,
        hooks_reader: HooksReader,
        *,
        everyone: Any = None,
        spending: SpendingTracker | None = None,
        beside: Beside = here,
    ) -> None:
        self._tasks = task_manager
        self._tracker = tool_tracker
        self._reader = hooks_reader
        self._everyone = everyone
        self._spending = spending
        self._clock = tool_tracker.clock
        self._beside = beside
        self._lock = threading.Lock()  # over the trackers, and the two below
        self._kept: Metrics | None = None
        self._kept_until = float("-inf")

    def get_metrics(self) -> Metrics:
        """Everything of the last 24 hours. It is one for all who ask: whoever gets it must not change it."""
        with self._lock:
            if self._kept is None or monotonic() >= self._kept_until:
                self._kept = self._compute()
                self._kept_until = monotonic() + KEPT_SECONDS
            return self._kept

    def get_metrics_of(self, viewer: Any, session_uuids: Set[str]) -> Metrics:
        """The same, in which only the viewer's tasks, and these sessions, are told one by one."""
        metrics = self.get_metrics()
        with self._lock:
            return {**metrics, **self._items(viewer, session_uuids, self._clock())}

    def get_task_details(self, task_id: str, viewer: Any = None) -> TaskDetails:
        """One task, as the viewer may see it; everyone's where none is named. Raises what the task manager raises."""
        task = self._tasks.get(task_id, self._everyone if viewer is None else viewer)
        session_uuid = task.session_uuid
        details = self._reader.get_session_details(session_uuid) if session_uuid else None
        until_us = self._clock() if task.finished_us is None else task.finished_us
        return {
            "task_id": task.task_id,
            "status": str(task.status),
            "progress": task.progress,
            "duration_ms": None if task.started_us is None else (until_us - task.started_us) / 1000,
            "session_uuid": session_uuid,
            "cost_usd": dollars(task.cost_picodollars),
            "tool_usage": [call for call in details["tools"] if _is_of(task, call)] if details else [],
        }

    def get_requests(self, session_uuid: str) -> list[RequestSpent]:
        """What a session asked the API for, in the order of time; none where costs are not read."""
        with self._lock:
            spending = self._spending
            found = self._beside(lambda: spending.messages_of(session_uuid)) if spending else []
        return [request_spent(message) for message in found]

    def close(self) -> None:
        """Let go of the exporter's ledger."""
        with self._lock:
            if self._spending:
                self._spending.close()

    def _compute(self) -> Metrics:
        now = self._clock()
        counts = {str(state): number for state, number in self._tasks.counts(self._everyone).items()}
        finished = list(self._tasks.finished_since(now - WINDOW_US))
        ended = Counter(str(task.status) for task in finished)
        self._beside(self._read)
        calls = self._tracker.calls
        spent = self._spending.spent() if self._spending else NOT_READ
        budgets = self._spending.budgets if self._spending else NO_BUDGETS
        performance = live_figures.tool_performance(calls)
        pending = counts.get("pending", 0)
        return {
            "active_tasks": pending + counts.get("running", 0),
            "pending_tasks": pending,
            "completed_tasks_24h": ended["completed"],
            "failed_tasks_24h": ended["failed"],
            "stopped_tasks_24h": ended["stopped"],
            "tool_usage_24h": {tool: figures["calls"] for tool, figures in performance.items()},
            "tool_performance": performance,
            "top_errors": live_figures.top_errors(calls),
            "by_agent": live_figures.by_agent(calls, finished),
            "by_workflow": live_figures.by_workflow(finished),
            "sessions": live_figures.sessions(self._tracker.sessions(), now),
            "cost_24h": dollars_or_none(spent.day),
            "cost_today": dollars_or_none(spent.today),
            "cost_month": dollars_or_none(spent.month),
            "budget_day": dollars_or_none(budgets.day),
            "budget_month": dollars_or_none(budgets.month),
            "calls_per_minute": calls_per_minute(self._tracker.lately, RATE_MINUTES, now),
            **self._items(self._everyone, None, now),
            "tools": {
                "1h": tool_range(self._tracker.lately, HOUR_SLOTS, now),
                "24h": tool_range(calls, DAY_SLOTS, now),
            },
            "costs": cost_ranges(self._spending.by_names, now) if self._spending else {},
            "complete": self._tracker.complete and (self._spending is None or self._spending.complete),
        }

    def _items(self, viewer: Any, session_uuids: Set[str] | None, now: int) -> Items:
        """What is told one by one, of these sessions alone where they are given."""
        seen = [count for count in self._tracker.sessions() if _is_in(count.session.session_id, session_uuids)]
        since_us, spent = now - WINDOW_US, self._spending.by_session if self._spending else None
        ended = [task for task in self._tasks.ended_lately(viewer) if (task.finished_us or 0) >= since_us]
        errors = self._tracker.errors.shown()
        return {
            "running": running(self._tasks.open_tasks(viewer), ended, seen, spent, now),
            "recent_sessions": recent_sessions(seen, now),
            "latest_errors": [one for one in errors if _is_in(one["session_uuid"], session_uuids)][:MOST_SHOWN],
        }

    def _read(self) -> None:
        self._tracker.refresh()
        if self._spending:
            self._spending.refresh()


def _is_of(task: Task, call: ToolUse) -> bool:
    """Whether a call of the task's session is one of the task: a session that is continued has those of others, too."""
    if call["timestamp"] is None or task.started_us is None:
        return True
    at = datetime.fromisoformat(call["timestamp"])
    return at >= from_us(task.started_us) and (task.finished_us is None or at <= from_us(task.finished_us))


def _is_in(session_uuid: str, session_uuids: Set[str] | None) -> bool:
    return session_uuids is None or session_uuid in session_uuids
