"""The snapshot of the last 24 hours: tasks, tool calls, sessions and costs, cached for all callers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import pairwise
from time import monotonic
from typing import Any, Protocol, TypeVar

from exporter.counting.budgets import NO_BUDGETS
from exporter.counting.messages import CountedMessage, cost_of_messages
from exporter.hooks_reader import SessionCalls
from exporter.ingest.changed_sessions import Unread
from exporter.ingest.recent_sessions import CountedSession
from exporter.model.money import Amount, dollars, dollars_or_none
from exporter.model.sessions import WINDOW_US
from exporter.snapshot import figures as live_figures
from exporter.snapshot.comparison import ComparedSpan, Tokens
from exporter.snapshot.contexts import with_contexts
from exporter.snapshot.costs import SpentByNames, cost_ranges
from exporter.snapshot.figure_history import RecentFigures
from exporter.snapshot.figures import FinishedTask
from exporter.snapshot.latest_errors import MAX_SHOWN
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import NOT_READ, LiveSpending
from exporter.snapshot.quota import quota_now
from exporter.snapshot.schema import Items, Metrics
from exporter.snapshot.task_source import TaskCalls, TaskDetails, TaskManager, belongs_to
from exporter.snapshot.titles import titles_of, waits_with_titles, work_with_titles
from exporter.snapshot.tools import calls_per_minute, tool_range
from exporter.snapshot.unreadable import UnreadableLog
from exporter.snapshot.waiting import waiting_now
from exporter.snapshot.work import recent_sessions, running, session_list
from exporter.views.requests import RequestSpent, request_spent
from exporter.views.sessions import PricedSession, tool_use

CACHE_SECONDS = 2.0
RATE_MINUTES = 5
HOUR_SLOTS, DAY_SLOTS = 60, 48
Result = TypeVar("Result")


class HooksReader(Protocol):
    """The source of sessions' calls."""

    def get_session_calls(self, session_uuid: str, /) -> SessionCalls | None:
        """The calls and the summary of a session; None if no log and no transcript names it."""


class Offload(Protocol):
    """Runs blocking work; in another thread if greenlets share this one."""

    def __call__(self, work: Callable[[], Result], /) -> Result:
        """Run the work and return its result."""


def in_this_thread(work: Callable[[], Result]) -> Result:
    """Run the work without offloading it."""
    return work()


class MetricsAggregator:
    """Computes the snapshot, which is cached for two seconds. Thread-safe.

    `everyone` is the viewer that sees all tasks. `offload` runs blocking work: reading logs and transcripts. Sessions
    come from `live_sessions`, so that no log is read twice. Without `spending`, costs are None.
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
        self._unreadable = UnreadableLog()
        self._lock = threading.Lock()  # guards _live, _spending and the cache
        self._cached: Metrics | None = None
        self._cached_until = float("-inf")
        self._list_lock = threading.Lock()  # guards the two below, so that a page of the list waits for no snapshot
        self._listed: list[PricedSession] = []
        self._listed_until = float("-inf")
        self._unread: Unread | None = None
        self._unread_until = float("-inf")

    def get_metrics(self) -> Metrics:
        """The snapshot of the last 24 hours for all viewers. Callers share it and must not change it."""
        with self._lock:
            if self._cached is None or monotonic() >= self._cached_until:
                self._cached = self._compute()
                self._cached_until = monotonic() + CACHE_SECONDS
            return self._cached

    def get_metrics_of(self, viewer: Any, session_uuids: Set[str]) -> Metrics:
        """The snapshot with the lists limited to the viewer's tasks and these sessions."""
        metrics = self.get_metrics()
        with self._lock:
            return {**metrics, **self._items(viewer, session_uuids, self._clock())}

    def get_task_details(self, task_id: str, viewer: Any = None) -> TaskDetails:
        """The details of a task that the viewer may see; of any task without a viewer. Raises like TaskManager.get."""
        task, calls, project = self.get_task_calls(task_id, viewer)
        until_us = self._clock() if task.finished_us is None else task.finished_us
        return {
            "task_id": task.task_id,
            "status": str(task.status),
            "progress": task.progress,
            "duration_ms": None if task.started_us is None else (until_us - task.started_us) / 1000,
            "session_uuid": task.session_uuid,
            "cost_usd": dollars(task.cost_picodollars) if task.cost_known else None,
            "tool_usage": [tool_use(logged, project) for logged in calls],
        }

    def get_task_calls(self, task_id: str, viewer: Any = None) -> TaskCalls:
        """A task and its unredacted calls, for views such as `calls_page` that show and redact only a part of them."""
        task = self._tasks.get(task_id, self._everyone if viewer is None else viewer)
        found = self._reader.get_session_calls(task.session_uuid) if task.session_uuid else None
        calls, project = (found.calls, found.project) if found else ([], "")
        return TaskCalls(task, [logged for logged in calls if belongs_to(task, logged)], project)

    def get_all_sessions(self) -> list[PricedSession]:
        """The summaries of the sessions of the last 24 hours, newest first. Callers share it and must not change it."""
        with self._list_lock:
            if monotonic() >= self._listed_until:
                self._listed = self._list_sessions()
                self._listed_until = monotonic() + CACHE_SECONDS
            return self._listed

    def get_unread(self) -> Unread:
        """What logs and transcripts have of sessions that the ledger may lack. Callers must not change it."""
        with self._list_lock:
            if self._unread is None or monotonic() >= self._unread_until:
                found, uncounted = self._when_read(self._find_unread), self._live.uncounted
                # Older files are read while no snapshot waits for it.
                self._unread = self._offload(lambda: uncounted.completed(found)) if uncounted else found
                self._unread_until = monotonic() + CACHE_SECONDS
            return self._unread

    def get_recent_figures(self, since_us: int, until_us: int) -> RecentFigures:
        """What logs and transcripts have of the figures of a range; the ledger has the rest."""
        tasks = [task for task in self._tasks.finished_since(since_us) if (task.finished_us or 0) < until_us]
        with self._lock:
            self._offload(self._read)
            return self._offload(lambda: self._recent_figures(tasks))

    def get_compared_figures(self, span: ComparedSpan) -> tuple[RecentFigures, Tokens]:
        """The same without tasks, once everything has been read, and all tokens of both ranges."""
        spending = self._spending

        def compared() -> tuple[RecentFigures, Tokens]:
            tokens = (spending.tokens(*one) if spending else None for one in pairwise(span))
            return self._recent_figures(()), Tokens(*tokens)

        return self._when_read(lambda: self._offload(compared))

    def _recent_figures(self, tasks: Sequence[FinishedTask]) -> RecentFigures:
        since_hour, uncounted_us = self._live.since_hour, self._live.uncounted_since_us()
        hours, spending = self._live.calls.hours_since(since_hour), self._spending
        spent = (spending.since_slot, spending.by_names) if spending else (0, SpentByNames())
        return RecentFigures(since_hour, hours, *spent, tasks, self._is_complete(), uncounted_us)

    def _is_complete(self) -> bool:
        return self._live.complete and (self._spending is None or self._spending.complete)

    def _find_unread(self) -> Unread:
        self._offload(self._live.uncounted_since_us)
        counted = {count.session.session_id: CountedSession.of(count) for count in self._live.sessions()}
        labels = self._labels()
        return self._spending.unread(counted, labels) if self._spending else Unread(counted, {}, {}, labels)

    def _list_sessions(self) -> list[PricedSession]:
        return self._when_read(
            lambda: session_list(self._live.sessions(), self._spent(), self._labels(), self._clock())
        )

    def _when_read(self, work: Callable[[], Result]) -> Result:
        """Do something once everything has been read."""
        while True:  # releases the lock between the steps of the first, long read
            with self._lock:
                self._offload(self._read)
                if self._live.complete and not (self._spending and self._spending.is_reading):
                    return work()

    def get_requests(self, session_uuid: str) -> list[RequestSpent]:
        """The API requests of a session in chronological order; empty if costs are not read."""
        return [request_spent(message) for message in self._messages_of(session_uuid) or ()]

    def get_cost(self, session_uuid: str, *, has_transcript: bool) -> Amount:
        """The cost of a session of any age; unknown without a transcript, or without a price of its models."""
        messages = self._messages_of(session_uuid)
        has_none = messages == [] and has_transcript
        return Amount(0) if has_none else cost_of_messages(messages or ())

    def close(self) -> None:
        """Close the ledger."""
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
            **spent.costs(),
            "budget_day": dollars_or_none(budgets.day),
            "budget_month": dollars_or_none(budgets.month),
            "quota": quota_now(self._live, self._spending, now),
            "calls_per_minute": calls_per_minute(self._live.last_hour, RATE_MINUTES, now),
            **self._items(self._everyone, None, now),
            "tools": {
                "1h": tool_range(self._live.last_hour, HOUR_SLOTS, now),
                "24h": tool_range(calls, DAY_SLOTS, now),
            },
            "costs": cost_ranges(self._spending.by_names, now) if self._spending else {},
            "complete": self._is_complete(),
        }

    def _items(self, viewer: Any, session_uuids: Set[str] | None, now: int) -> Items:
        """The lists of the snapshot for a viewer; None for `session_uuids` means all sessions."""
        visible = [count for count in self._live.sessions() if _is_visible(count.session.session_id, session_uuids)]
        since_us, spent = now - WINDOW_US, self._spent()
        ended = [task for task in self._tasks.recently_ended(viewer) if (task.finished_us or 0) >= since_us]
        labels = self._labels()
        errors = self._live.errors.shown(labels)
        work = running(self._tasks.open_tasks(viewer), ended, visible, spent, labels, now)
        waits = waiting_now(self._live.waits(visible), labels)
        titles = titles_of([*waits, *work["sessions"]], visible, self._spending)
        return {
            "waiting": waits_with_titles(waits, titles),
            "running": work_with_titles(with_contexts(work, self._spending), titles),
            "recent_sessions": recent_sessions(visible, spent, labels, now),
            "latest_errors": [one for one in errors if _is_visible(one["session_uuid"], session_uuids)][:MAX_SHOWN],
        }

    def _messages_of(self, session_uuid: str) -> list[CountedMessage] | None:
        """Those that its transcripts have now, as its calls are read; None if costs are not or cannot be read."""
        spending = self._spending
        if spending is None:
            return None
        older = self._offload(lambda: spending.older.messages_of(session_uuid))
        if older is not None:
            return older
        before = spending.readings
        while True:  # releases the lock between the steps of the first, long read
            with self._lock:
                self._offload(lambda: spending.refresh(after=before))
                found = self._offload(lambda: spending.messages_of(session_uuid))
                if spending.has_read(before):  # which it has not if the ledger has just turned out to be damaged
                    return found

    def _spent(self) -> Mapping[str, Amount] | None:
        """What the sessions of the last 33 days cost; None if costs are not read, or not all of them yet."""
        return self._spending.by_session if self._spending and self._spending.complete else None

    def _labels(self) -> dict[str, str]:
        """The labels of projects by path, as the exporter has given them if it has."""
        return self._live.labels(self._spending.labels if self._spending else {})

    def _read(self) -> None:
        self._live.refresh()
        if self._spending:
            self._spending.refresh()
        self._unreadable.note(self._live, self._spending)


def _is_visible(session_uuid: str, session_uuids: Set[str] | None) -> bool:
    return session_uuids is None or session_uuid in session_uuids
