"""The last 24 hours in one piece: tasks, tool calls, sessions and costs, computed once for all who ask."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from time import monotonic
from typing import Any, NamedTuple, Protocol, TypedDict, TypeVar

from exporter.counting.budgets import NO_BUDGETS
from exporter.hooks_reader import SessionCalls
from exporter.model.money import dollars, dollars_or_none
from exporter.model.records import LoggedCall
from exporter.model.sessions import WINDOW_US
from exporter.snapshot import figures as live_figures
from exporter.snapshot.costs import cost_ranges
from exporter.snapshot.figures import FinishedTask
from exporter.snapshot.latest_errors import MOST_SHOWN
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import NOT_READ, LiveSpending
from exporter.snapshot.schema import Items, Metrics
from exporter.snapshot.tools import calls_per_minute, tool_range
from exporter.snapshot.work import OpenTask, recent_sessions, running, session_list
from exporter.views.requests import RequestSpent, request_spent
from exporter.views.sessions import SessionSummary, ToolUse, tool_use

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

    def recently_ended(self, viewer: Any, /) -> Iterable[OpenTask]:
        """Some of those that have ended, the last one first."""

    def get(self, prefix: str, viewer: Any, /) -> Task:
        """The one whose id begins so."""


class HooksReader(Protocol):
    """The source of a session's calls."""

    def get_session_calls(self, session_uuid: str, /) -> SessionCalls | None:
        """Its calls and its summary; None where no log names it."""


class Offload(Protocol):
    """How blocking work is done; where greenlets share a thread, in another one."""

    def __call__(self, work: Callable[[], Result], /) -> Result:
        """Do it, and return its result."""


class TaskDetails(TypedDict):
    """A task and the tool calls that the hook logs tell of, as they are shown: redacted."""

    task_id: str
    status: str
    progress: float | None
    duration_ms: float | None
    session_uuid: str | None
    cost_usd: float
    tool_usage: list[ToolUse]


class TaskCalls(NamedTuple):
    """A task and its tool calls, unredacted."""

    task: Task
    calls: list[LoggedCall]


def in_this_thread(work: Callable[[], Result]) -> Result:
    """Do it right here."""
    return work()


class MetricsAggregator:
    """What a dashboard shows. Any thread may ask: what was computed is kept for two seconds, for all of them.

    `everyone` is the viewer that sees all tasks. `offload` does what blocks: reading logs and transcripts.
    Sessions come from the tracker, so that no log is read twice. Without a spending tracker, costs are None.
    """

    def __init__(
        self,
        task_manager: TaskManager,
        live_sessions: LiveSessions,
        hooks_reader: HooksReader,
        *,
        everyone: Any = None,
        spending: LiveSpending | None = None,
        offload: Offload = in_this_thread,
    ) -> None:
        self._tasks = task_manager
        self._live = live_sessions
        self._reader = hooks_reader
        self._everyone = everyone
        self._spending = spending
        self._clock = live_sessions.clock
        self._offload = offload
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
        task, calls = self.get_task_calls(task_id, viewer)
        until_us = self._clock() if task.finished_us is None else task.finished_us
        return {
            "task_id": task.task_id,
            "status": str(task.status),
            "progress": task.progress,
            "duration_ms": None if task.started_us is None else (until_us - task.started_us) / 1000,
            "session_uuid": task.session_uuid,
            "cost_usd": dollars(task.cost_picodollars),
            "tool_usage": [tool_use(call, running=running) for call, running in calls],
        }

    def get_task_calls(self, task_id: str, viewer: Any = None) -> TaskCalls:
        """A task and its calls with nothing redacted yet, for views that show a part of them; see `calls_page`."""
        task = self._tasks.get(task_id, self._everyone if viewer is None else viewer)
        found = self._reader.get_session_calls(task.session_uuid) if task.session_uuid else None
        return TaskCalls(task, [logged for logged in found.calls if _is_of(task, logged)] if found else [])

    def get_all_sessions(self) -> list[SessionSummary]:
        """The sessions of the last 24 hours, newest first, as of now."""
        while True:  # while all logs are read for the first time, others get the lock in between
            with self._lock:
                self._offload(self._live.refresh)
                if self._live.complete:
                    return session_list(self._live.sessions(), self._clock())

    def get_requests(self, session_uuid: str) -> list[RequestSpent]:
        """What a session asked the API for, in the order of time; none where costs are not read."""
        with self._lock:
            spending = self._spending
            found = self._offload(lambda: spending.messages_of(session_uuid)) if spending else []
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
        self._offload(self._read)
        calls = self._live.calls
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
            "sessions": live_figures.sessions(self._live.sessions(), now),
            "cost_24h": dollars_or_none(spent.day),
            "cost_today": dollars_or_none(spent.today),
            "cost_month": dollars_or_none(spent.month),
            "budget_day": dollars_or_none(budgets.day),
            "budget_month": dollars_or_none(budgets.month),
            "calls_per_minute": calls_per_minute(self._live.last_hour, RATE_MINUTES, now),
            **self._items(self._everyone, None, now),
            "tools": {
                "1h": tool_range(self._live.last_hour, HOUR_SLOTS, now),
                "24h": tool_range(calls, DAY_SLOTS, now),
            },
            "costs": cost_ranges(self._spending.by_names, now) if self._spending else {},
            "complete": self._live.complete and (self._spending is None or self._spending.complete),
        }

    def _items(self, viewer: Any, session_uuids: Set[str] | None, now: int) -> Items:
        """What is told one by one, of these sessions alone where they are given."""
        seen = [count for count in self._live.sessions() if _is_in(count.session.session_id, session_uuids)]
        since_us, spent = now - WINDOW_US, self._spending.by_session if self._spending else None
        ended = [task for task in self._tasks.recently_ended(viewer) if (task.finished_us or 0) >= since_us]
        errors = self._live.errors.shown()
        return {
            "running": running(self._tasks.open_tasks(viewer), ended, seen, spent, now),
            "recent_sessions": recent_sessions(seen, now),
            "latest_errors": [one for one in errors if _is_in(one["session_uuid"], session_uuids)][:MOST_SHOWN],
        }

    def _read(self) -> None:
        self._live.refresh()
        if self._spending:
            self._spending.refresh()


def _is_of(task: Task, logged: LoggedCall) -> bool:
    """Whether a call of the task's session is the task's: a session that is continued has calls of other tasks, too."""
    if logged.time_us is None or task.started_us is None:
        return True
    return task.started_us <= logged.time_us and (task.finished_us is None or logged.time_us <= task.finished_us)


def _is_in(session_uuid: str, session_uuids: Set[str] | None) -> bool:
    return session_uuids is None or session_uuid in session_uuids
