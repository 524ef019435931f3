"""Current work: running tasks, recently ended ones, and active sessions with their running tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from exporter.counting.session_count import SessionCount
from exporter.ingest.recent_sessions import CountedSession
from exporter.model.clock import iso, iso_or_none
from exporter.model.money import Amount, dollars
from exporter.model.records import MAIN_AGENT, SessionStatus
from exporter.model.sessions import Session, status
from exporter.model.text import encodable, label_value, shortened
from exporter.snapshot.task_source import Task
from exporter.sources.open_calls import OpenCall
from exporter.sources.pairing import Pairing
from exporter.views.sessions import PricedSession, priced, summary

MAX_TEXT = 200
MAX_RUNNING = 300
MAX_LISTED = 60


class ToolNow(TypedDict):
    """A running call and its start; None if that was not logged."""

    tool: str
    agent: str
    since: str | None


class AgentNow(TypedDict):
    """A running sub-agent and the start of its run; None if that was not logged."""

    agent: str
    since: str | None


class WorkNow(TypedDict):
    """What a session is doing: its running calls, its commands in the background and its running sub-agents."""

    tools: list[ToolNow]
    background: list[ToolNow]
    subagents: list[AgentNow]


class ContextNow(TypedDict):
    """What the last request of a session's main agent sent: its tokens, cached ones included, and its model.

    `window` is the size of the model's context window in tokens; None if it is unknown.
    """

    tokens: int
    window: int | None
    model: str


class TaskNow(WorkNow):
    """A task that is pending, running or recently ended. Its texts are shortened.

    The cost is that of its ended runs and, while it is running, that of its session so far; None if that is unknown
    because another task started the session, or it has no transcript yet. Of a cost that is unknown, `known_cost_usd`
    is what is known. `unpriced_tokens` are those of its session whose cost is not in it.
    """

    task_id: str
    user_id: str
    status: str
    description: str
    agent: str
    model: str
    session_uuid: str | None
    queued_at: str
    started_at: str | None
    finished_at: str | None
    progress: float | None
    cost_usd: float | None
    known_cost_usd: float
    unpriced_tokens: int
    error: str | None
    context: ContextNow | None


class SessionNow(WorkNow):
    """An active session that does not belong to a task. Its cost is None if it is unknown, as without a transcript.

    `unpriced_tokens` are those whose cost is not in it. The title is redacted; empty if it has none.
    """

    session_uuid: str
    title: str
    project: str
    started_at: str
    last_activity_at: str
    calls: int
    errors: int
    cost_usd: float | None
    unpriced_tokens: int
    context: ContextNow | None


class Running(TypedDict):
    """Open tasks, the running ones first, recently ended tasks, which can be restarted, and sessions, newest first."""

    tasks: list[TaskNow]
    ended_tasks: list[TaskNow]
    sessions: list[SessionNow]


class RecentSessions(TypedDict):
    """The newest sessions of the last 24 hours, and the number of all; /api/sessions lists all."""

    total: int
    newest: list[PricedSession]


def running(
    open_tasks: Iterable[Task],
    ended_tasks: Iterable[Task],
    counts: Iterable[SessionCount],
    spent: Mapping[str, Amount] | None,
    labels: Mapping[str, str],
    now_us: int,
) -> Running:
    """The current work, without contexts and titles.

    `spent` has what sessions cost, None if costs are not read; `labels` are of projects.
    """
    by_session = {count.session.session_id: count for count in counts}
    tasks = sorted(open_tasks, key=lambda task: (task.started_us is None, task.started_us or task.queued_us))
    of_tasks = {task.session_uuid for task in tasks}
    active = [
        count
        for session_id, count in by_session.items()
        if session_id not in of_tasks and status(count.session, now_us) is SessionStatus.ACTIVE
    ]
    active.sort(key=lambda count: (-count.session.first_us, count.session.session_id))
    return {
        "tasks": [_task(task, by_session, spent) for task in tasks[:MAX_RUNNING]],
        "ended_tasks": [_task(task, by_session, spent) for task in ended_tasks],
        "sessions": [_session(count, spent, labels) for count in active[:MAX_RUNNING]],
    }


def session_list(
    counts: Iterable[SessionCount],
    spent: Mapping[str, Amount] | None,
    labels: Mapping[str, str],
    now_us: int,
    limit: int | None = None,
) -> list[PricedSession]:
    """The summaries of sessions, newest first, up to `limit`. `spent` and `labels` are as in `running`."""
    newest = sorted(counts, key=lambda count: (-count.session.last_us, count.session.session_id))[:limit]
    shown = map(CountedSession.of, newest)
    return [priced(summary(session, errors, now_us, labels), cost_of(session, spent)) for session, errors, *_ in shown]


def recent_sessions(
    counts: Sequence[SessionCount], spent: Mapping[str, Amount] | None, labels: Mapping[str, str], now_us: int
) -> RecentSessions:
    """The newest of the sessions, and the number of all. `spent` and `labels` are as in `running`."""
    return {"total": len(counts), "newest": session_list(counts, spent, labels, now_us, MAX_LISTED)}


def cost_of(session: Session, spent: Mapping[str, Amount] | None) -> Amount:
    """The cost of a session; unknown without a transcript, or without a price of its models."""
    without_messages = Amount(0 if session.has_transcript else None)
    return Amount() if spent is None else spent.get(session.session_id, without_messages)


def _task(task: Task, by_session: Mapping[str, SessionCount], spent: Mapping[str, Amount] | None) -> TaskNow:
    is_running = task.started_us is not None and task.finished_us is None
    count = by_session.get(task.session_uuid or "") if is_running else None
    so_far = _cost_of_run(task, spent) if is_running else Amount(0)
    known = task.cost_picodollars + (so_far.picodollars or 0)
    is_whole = task.cost_known and so_far.picodollars is not None
    return {
        "task_id": task.task_id,
        "user_id": task.user_id,
        "status": str(task.status),
        "description": shortened(task.description, MAX_TEXT),
        "agent": task.agent_type or MAIN_AGENT,
        "model": task.model,
        "session_uuid": task.session_uuid,
        "queued_at": iso(task.queued_us),
        "started_at": iso_or_none(task.started_us),
        "finished_at": iso_or_none(task.finished_us),
        "progress": task.progress,
        "cost_usd": dollars(known) if is_whole else None,
        "known_cost_usd": dollars(known),
        "unpriced_tokens": so_far.unpriced_tokens,
        "error": None if task.error is None else shortened(task.error, MAX_TEXT),
        "context": None,
        **_work(count.pairing if count else Pairing()),
    }


def _cost_of_run(task: Task, spent: Mapping[str, Amount] | None) -> Amount:
    return Amount() if spent is None or task.resumes else spent.get(task.session_uuid or "", Amount())


def _session(count: SessionCount, spent: Mapping[str, Amount] | None, labels: Mapping[str, str]) -> SessionNow:
    session, errors, *_ = CountedSession.of(count)
    cost = cost_of(session, spent)
    return {
        "session_uuid": encodable(session.session_id),
        "title": "",
        "project": encodable(labels.get(session.project, "")),
        "started_at": iso(session.first_us),
        "last_activity_at": iso(session.last_us),
        "calls": session.known_calls,
        "errors": errors,
        "cost_usd": cost.dollars,
        "unpriced_tokens": cost.unpriced_tokens,
        "context": None,
        **_work(count.pairing),
    }


def _work(pairing: Pairing) -> WorkNow:
    return {
        "tools": _tools(pairing.running),
        "background": _tools(pairing.in_background),
        "subagents": [
            {"agent": label_value(run.agent), "since": iso_or_none(run.started_us)} for run in pairing.runs.running
        ],
    }


def _tools(calls: Iterable[OpenCall]) -> list[ToolNow]:
    return [
        {"tool": label_value(call.tool), "agent": label_value(call.agent), "since": iso_or_none(call.started_us)}
        for call in calls
    ]
