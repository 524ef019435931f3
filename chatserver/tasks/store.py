"""All writes to the tables of tasks. A status changes along TRANSITIONS, in a transaction that read the old one."""

from __future__ import annotations

import uuid
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Row, case, delete, extract, func, insert, literal, select, update

from chatserver.accounts.viewer import Viewer
from chatserver.storage.database import Database
from chatserver.storage.schema import chats, task_runs, tasks
from chatserver.tasks.chat_messages import assign_task, assigned_task
from chatserver.tasks.errors import UnknownTaskError, WrongStatusError
from chatserver.tasks.owners import check_is_logged_in, check_owner_exists
from chatserver.tasks.records import ENDED, OPEN, TRANSITIONS, Activity, Outcome, Spent, Task, TaskStatus
from chatserver.tasks.scheduling import check_queue_limits, next_task_id
from chatserver.tasks.steps import write_steps
from exporter.model.clock import now_us
from exporter.model.money import Amount

COLUMNS = tuple(tasks.c[field.name] for field in fields(Task))
NEW_RUN: dict[str, Any] = {
    "started_us": None, "finished_us": None, "result": None, "error": None, "error_category": None, "progress": None,
}  # fmt: skip
NO_ACTIVITY: dict[str, Any] = {
    "running_picodollars": 0, "running_unpriced_tokens": 0, "calls": 0, "failed_calls": 0, "denied_calls": 0,
    "interrupted_calls": 0, "changed_files": 0,
}  # fmt: skip
NO_PROCESS: dict[str, Any] = {"server": None, "pid": None, "process_started": None}
MAX_AMOUNT = 2**63 - 1

# The columns that a row of task_runs copies from its task.
SHARED = frozenset(
    {"task_id", "user_id", "agent_type", "workflow", "status", "session_uuid", "queued_us", "started_us", "finished_us"}
)


def task_of(row: Row[Any]) -> Task:
    """A row of COLUMNS as a task."""
    return Task(**{**row._asdict(), "status": TaskStatus(row.status)})


def database_now_us(connection: Connection) -> int:
    """The current time by the clock that all servers on this database share."""
    if connection.dialect.name == "sqlite":
        return now_us()
    return int(connection.scalar(select(extract("epoch", func.clock_timestamp()) * 1_000_000)) or 0)


class TaskStore:
    """The tasks in the database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_task(self, task: Task, author: Viewer, message_id: int | None = None) -> Task:
        """Add a new task to the queue, unless it is of a message that has one already, which is returned then.

        Raises TooManyTasksError, LoggedOutError, DeletedMessageError.
        """

        def work(connection: Connection) -> Task:
            if message_id is not None and (known := assigned_task(connection, message_id)):
                return _read(connection, known)
            check_is_logged_in(connection, author)
            check_queue_limits(connection, task.user_id)
            now = database_now_us(connection)
            stamped = {"created_us": now, "queued_us": now, "changed_us": now}
            connection.execute(insert(tasks).values({**asdict(task), **stamped}))
            if message_id is not None:
                assign_task(connection, message_id, task)
            return _read(connection, task.task_id)

        return self._database.run(work)

    def claim_task(self, server: str) -> Task | None:
        """Mark the next task as running on this server; None where no task is ready."""
        while True:
            try:
                return self._database.run(lambda connection: _claim(connection, server))
            except (WrongStatusError, UnknownTaskError):
                continue  # it was stopped or deleted just now; another one may be ready

    def stop(self, task_id: str) -> Task:
        """Stop a pending or running task; its server then ends its processes. Raises WrongStatusError."""
        return self._database.run(lambda connection: _move(connection, _read(connection, task_id), TaskStatus.STOPPED))

    def stop_all_of(self, user_id: str) -> list[Task]:
        """Stop all pending and running tasks of a user; their servers then end the processes."""

        def work(connection: Connection) -> list[Task]:
            of_user = (tasks.c.user_id == user_id) & tasks.c.status.in_(OPEN)
            found = connection.execute(select(*COLUMNS).where(of_user).order_by(tasks.c.task_id).with_for_update())
            return [_move(connection, task_of(row), TaskStatus.STOPPED) for row in found.all()]

        return self._database.run(work)

    def requeue(self, task_id: str, viewer: Viewer) -> Task:
        """Queue a task that has ended once more. Raises TooManyTasksError, LoggedOutError, OwnerRemovedError.

        Raises WrongStatusError, also while its processes are being ended.
        """

        def work(connection: Connection) -> Task:
            check_is_logged_in(connection, viewer)
            task = _read(connection, task_id)
            if task.server is not None:
                raise WrongStatusError(task, "restarted")
            check_owner_exists(connection, task)
            check_queue_limits(connection, task.user_id)
            queued_us = database_now_us(connection)
            changes = NEW_RUN | NO_ACTIVITY
            return _move(connection, task, TaskStatus.PENDING, changes, session_uuid=None, queued_us=queued_us)

        return self._database.run(work)

    def move_to_front(self, task_id: str) -> Task:
        """Move a pending task to the front of its user's queue. Raises WrongStatusError."""

        def work(connection: Connection) -> Task:
            task = _read(connection, task_id)
            if task.status is not TaskStatus.PENDING:
                raise WrongStatusError(task, "put first")
            pending = (tasks.c.user_id == task.user_id) & (tasks.c.status == TaskStatus.PENDING)
            first = connection.scalar(select(func.min(tasks.c.queued_us)).where(pending))
            return _write(connection, task, queued_us=(first or task.queued_us) - 1)

        return self._database.run(work)

    def delete(self, task_id: str) -> Task:
        """Delete a task that does not run, and return it; one that is pending is stopped. Raises WrongStatusError."""

        def work(connection: Connection) -> Task:
            task = _read(connection, task_id)
            if task.status is TaskStatus.RUNNING or task.server is not None:
                raise WrongStatusError(task, "deleted")
            if task.status is TaskStatus.PENDING:
                task = _move(connection, task, TaskStatus.STOPPED)  # for those who wait for it
            connection.execute(delete(tasks).where(tasks.c.task_id == task_id))
            return task

        return self._database.run(work)

    def record_process(self, run: Task, pid: int, process_started: float) -> Task | None:
        """Record the process of a run; None if the task no longer has this run."""
        return self._write_run(run, pid=pid, process_started=process_started)

    def record_progress(self, run: Task, progress: float) -> Task | None:
        """Record the progress of a run; None if the task no longer has this run."""
        return self._write_run(run, progress=progress)

    def record_activity(self, run: Task, activity: Activity, running: Amount) -> Task | None:
        """Record what a run has done and cost so far; None if the task no longer has this run."""

        def work(connection: Connection) -> Task | None:
            task = _read(connection, run.task_id)
            if task.status is not TaskStatus.RUNNING or not _is_same_run(task, run):
                return None
            write_steps(connection, task, activity.steps)
            amounts = {
                "running_picodollars": min(MAX_AMOUNT, running.picodollars or 0),
                "running_unpriced_tokens": min(MAX_AMOUNT, running.unpriced_tokens),
            }
            return _write(connection, task, _counts(activity), amounts)

        return self._database.run(work)

    def record_session(self, run: Task, session_uuid: str) -> None:
        """Record the session with which the run's chat can be continued."""
        self._database.run(lambda connection: _continue_with(connection, run, session_uuid))

    def forget_session(self, run: Task) -> None:
        """Have the run's chat start a new session, since this one cannot be continued."""
        is_same = (chats.c.chat_id == run.chat_id) & (chats.c.session_uuid == run.session_uuid)
        forgotten = update(chats).where(is_same).values(session_uuid=None)
        self._database.run(lambda connection: connection.execute(forgotten))

    def finish_run(self, run: Task, outcome: Outcome) -> Task | None:
        """Record that a run has no processes left, with its outcome and cost; a stopped task stays stopped.

        None if it was recorded before.
        """

        def work(connection: Connection) -> Task | None:
            try:
                task = _read(connection, run.task_id)
            except UnknownTaskError:
                return None
            return _finish(connection, task, outcome) if _is_same_run(task, run) else None

        return self._database.run(work)

    def _write_run(self, run: Task, **values: Any) -> Task | None:
        def work(connection: Connection) -> Task | None:
            task = _read(connection, run.task_id)
            is_current = task.status is TaskStatus.RUNNING and _is_same_run(task, run)
            return _write(connection, task, **values) if is_current else None

        return self._database.run(work)


def _is_same_run(task: Task, run: Task) -> bool:
    return (task.attempts, task.server) == (run.attempts, run.server)


def _read(connection: Connection, task_id: str) -> Task:
    """The task, locked until the transaction ends."""
    row = connection.execute(select(*COLUMNS).where(tasks.c.task_id == task_id).with_for_update()).one_or_none()
    if row is None:
        raise UnknownTaskError(task_id)
    return task_of(row)


def _claim(connection: Connection, server: str) -> Task | None:
    task_id = next_task_id(connection)
    if task_id is None:
        return None
    task = _read(connection, task_id)
    chat_session = select(chats.c.session_uuid).where(chats.c.chat_id == task.chat_id)
    session = connection.scalar(chat_session) if task.chat_id else None
    return _move(
        connection, task, TaskStatus.RUNNING, NEW_RUN, started_us=database_now_us(connection), server=server,
        attempts=task.attempts + 1, resumes=session is not None, session_uuid=session or str(uuid.uuid4()),
    )  # fmt: skip


def _finish(connection: Connection, task: Task, outcome: Outcome) -> Task:
    spent = outcome.spent
    if outcome.session_uuid:
        _continue_with(connection, task, outcome.session_uuid)  # if the database was away when it began
    amounts = {
        "cost_picodollars": min(MAX_AMOUNT, task.cost_picodollars + spent.cost_picodollars),
        "cost_known": task.cost_known and spent.is_known,
        "tokens": min(MAX_AMOUNT, task.tokens + spent.tokens),
        "turns": task.turns + spent.turns,
        "running_picodollars": 0,
        "running_unpriced_tokens": 0,
    }
    if outcome.activity is not None:
        write_steps(connection, task, outcome.activity.steps)
        amounts |= _counts(outcome.activity)
    if task.status is not TaskStatus.RUNNING:
        _charge(connection, task, spent)
        return _write(connection, task, NO_PROCESS, amounts)
    texts = {"result": outcome.result, "error": outcome.error, "error_category": outcome.error_category}
    progress = {"progress": 1.0} if outcome.status is TaskStatus.COMPLETED else {}
    finished = _move(connection, task, outcome.status, NO_PROCESS, amounts, texts, progress)
    _charge(connection, task, spent)
    return finished


def _counts(activity: Activity) -> dict[str, int]:
    return {field.name: getattr(activity, field.name) for field in fields(activity) if field.name != "steps"}


def _continue_with(connection: Connection, task: Task, session_uuid: str) -> None:
    connection.execute(update(chats).where(chats.c.chat_id == task.chat_id).values(session_uuid=session_uuid))


def _move(connection: Connection, task: Task, to: TaskStatus, *changes: dict[str, Any], **more: Any) -> Task:
    if to not in TRANSITIONS[task.status]:
        raise WrongStatusError(task, to)
    if to in ENDED:
        more["finished_us"] = max(database_now_us(connection), task.started_us or 0)  # also if the clock is set back
    moved = _write(connection, task, *changes, status=to, **more)
    if to in ENDED:
        row = {column.name: getattr(moved, column.name) for column in task_runs.c if column.name in SHARED}
        nothing = {"cost_picodollars": 0, "cost_known": True, "tokens": 0}
        connection.execute(insert(task_runs).values(**row, **nothing, attempt=moved.attempts))
    return moved


def _charge(connection: Connection, task: Task, spent: Spent) -> None:
    """Attribute the cost of a run to its row of task_runs."""
    same = (task_runs.c.task_id == task.task_id) & (task_runs.c.attempt == task.attempts)
    latest = select(func.max(task_runs.c.run_id)).where(same).scalar_subquery()
    amounts = {"cost_picodollars": spent.cost_picodollars, "cost_known": spent.is_known, "tokens": spent.tokens}
    connection.execute(update(task_runs).where(task_runs.c.run_id == latest).values(amounts))


def _write(connection: Connection, task: Task, *changes: dict[str, Any], **more: Any) -> Task:
    values = {name: value for change in changes for name, value in change.items()} | more
    now = literal(database_now_us(connection))
    later = case((tasks.c.changed_us < now, now), else_=tasks.c.changed_us + 1)
    chosen = update(tasks).where(tasks.c.task_id == task.task_id).values({**values, "changed_us": later})
    return task_of(connection.execute(chosen.returning(*COLUMNS)).one())
