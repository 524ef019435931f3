"""Every write to the tables of tasks. A status moves only along TRANSITIONS, in a transaction that read the old one."""

from __future__ import annotations

import uuid
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Row, case, delete, extract, func, insert, literal, select, update

from chatserver.storage.database import Database
from chatserver.storage.schema import chats, task_runs, tasks
from chatserver.tasks.errors import UnknownTaskError, WrongStatusError
from chatserver.tasks.records import ENDED, TRANSITIONS, Outcome, Spent, Task, TaskStatus
from chatserver.tasks.scheduling import next_task_id
from exporter.model.clock import now_us

COLUMNS = tuple(tasks.c[field.name] for field in fields(Task))
AFRESH: dict[str, Any] = {
    "started_us": None, "finished_us": None, "result": None, "error": None, "error_category": None, "progress": None,
}  # fmt: skip
GONE: dict[str, Any] = {"server": None, "pid": None, "process_started": None}

# What a row of task_runs takes over from its task.
SHARED = frozenset(
    {"task_id", "user_id", "agent_type", "workflow", "status", "session_uuid", "queued_us", "started_us", "finished_us"}
)


def task_of(row: Row[Any]) -> Task:
    """A row of COLUMNS as a task."""
    return Task(**{**row._asdict(), "status": TaskStatus(row.status)})


def moment(connection: Connection) -> int:
    """The present moment by the one clock that all servers on this database share."""
    if connection.dialect.name == "sqlite":
        return now_us()
    return int(connection.scalar(select(extract("epoch", func.clock_timestamp()) * 1_000_000)) or 0)


class TaskStore:
    """The tasks in the database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, task: Task) -> Task:
        """Put a new task into the queue."""

        def work(connection: Connection) -> Task:
            now = moment(connection)
            stamped = {"created_us": now, "queued_us": now, "changed_us": now}
            connection.execute(insert(tasks).values({**asdict(task), **stamped}))
            return _read(connection, task.task_id)

        return self._database.run(work)

    def claim(self, server: str) -> Task | None:
        """Begin to run the task whose turn it is, as this server; None where none waits."""

        def work(connection: Connection) -> Task | None:
            task_id = next_task_id(connection)
            if task_id is None:
                return None
            task = _read(connection, task_id)
            known = select(chats.c.session_uuid).where(chats.c.chat_id == task.chat_id)
            session = connection.scalar(known) if task.chat_id else None
            return _move(
                connection, task, TaskStatus.RUNNING, AFRESH, started_us=moment(connection), server=server,
                attempts=task.attempts + 1, resumes=session is not None, session_uuid=session or str(uuid.uuid4()),
            )  # fmt: skip

        while True:
            try:
                return self._database.run(work)
            except (WrongStatusError, UnknownTaskError):
                continue  # it was stopped or deleted just now; another one may wait

    def stop(self, task_id: str) -> Task:
        """Stop a task that waits or runs; its server then ends its processes. Raises WrongStatusError."""
        return self._moved(task_id, TaskStatus.STOPPED)

    def requeue(self, task_id: str) -> Task:
        """Have a task that has ended wait once more. Raises WrongStatusError, also while its processes still end."""

        def work(connection: Connection) -> Task:
            task = _read(connection, task_id)
            if task.server is not None:
                raise WrongStatusError(task, TaskStatus.PENDING)
            return _move(connection, task, TaskStatus.PENDING, AFRESH, session_uuid=None, queued_us=moment(connection))

        return self._database.run(work)

    def put_first(self, task_id: str) -> Task:
        """Have a waiting task be the next of its user. Raises WrongStatusError."""

        def work(connection: Connection) -> Task:
            task = _read(connection, task_id)
            if task.status is not TaskStatus.PENDING:
                raise WrongStatusError(task, "put first")
            waiting = (tasks.c.user_id == task.user_id) & (tasks.c.status == TaskStatus.PENDING)
            first = connection.scalar(select(func.min(tasks.c.queued_us)).where(waiting))
            return _write(connection, task, queued_us=(first or task.queued_us) - 1)

        return self._database.run(work)

    def delete(self, task_id: str) -> Task:
        """Forget a task that does not run. Raises WrongStatusError."""

        def work(connection: Connection) -> Task:
            task = _read(connection, task_id)
            if task.status is TaskStatus.RUNNING or task.server is not None:
                raise WrongStatusError(task, "deleted")
            connection.execute(delete(tasks).where(tasks.c.task_id == task_id))
            return task

        return self._database.run(work)

    def started(self, task: Task, pid: int, process_started: float) -> Task | None:
        """Note the process of a run; None where the run is no longer this one."""
        return self._noted(task, pid=pid, process_started=process_started)

    def progressed(self, task: Task, progress: float) -> Task | None:
        """Note how far a run has come; None where it has been stopped meanwhile."""
        return self._noted(task, progress=progress)

    def conversed(self, task: Task, session_uuid: str) -> None:
        """Note the session by which the run's chat can be continued."""
        chosen = update(chats).where(chats.c.chat_id == task.chat_id).values(session_uuid=session_uuid)
        self._database.run(lambda connection: connection.execute(chosen))

    def lost(self, task: Task) -> None:
        """Note that the run's session cannot be continued: its chat begins a new one."""
        is_same = (chats.c.chat_id == task.chat_id) & (chats.c.session_uuid == task.session_uuid)
        self._database.run(
            lambda connection: connection.execute(update(chats).where(is_same).values(session_uuid=None))
        )

    def finish(self, run: Task, ending: Outcome) -> Task | None:
        """Note that no process of a run is left: the task ends so, unless it was stopped before, and costs this much.

        None where somebody else has noted it already.
        """

        def work(connection: Connection) -> Task | None:
            try:
                task = _read(connection, run.task_id)
            except UnknownTaskError:
                return None
            if (task.attempts, task.server) != (run.attempts, run.server):
                return None
            spent = ending.spent
            amounts = {
                "cost_picodollars": task.cost_picodollars + spent.cost_picodollars,
                "tokens": task.tokens + spent.tokens,
                "turns": task.turns + spent.turns,
            }
            if task.status is not TaskStatus.RUNNING:
                _charge(connection, task, spent)
                return _write(connection, task, GONE, amounts)
            said: dict[str, Any] = {
                "result": ending.result,
                "error": ending.error,
                "error_category": ending.error_category,
            }
            if ending.status is TaskStatus.COMPLETED:
                said["progress"] = 1.0
            moved = _move(connection, task, ending.status, GONE, amounts, said)
            _charge(connection, task, spent)
            return moved

        return self._database.run(work)

    def _moved(self, task_id: str, to: TaskStatus) -> Task:
        return self._database.run(lambda connection: _move(connection, _read(connection, task_id), to))

    def _noted(self, run: Task, **values: Any) -> Task | None:
        def work(connection: Connection) -> Task | None:
            task = _read(connection, run.task_id)
            is_same = task.status is TaskStatus.RUNNING and (task.attempts, task.server) == (run.attempts, run.server)
            return _write(connection, task, **values) if is_same else None

        return self._database.run(work)


def _read(connection: Connection, task_id: str) -> Task:
    """The task, held until the transaction ends."""
    row = connection.execute(select(*COLUMNS).where(tasks.c.task_id == task_id).with_for_update()).one_or_none()
    if row is None:
        raise UnknownTaskError(task_id)
    return task_of(row)


def _move(connection: Connection, task: Task, to: TaskStatus, *changes: dict[str, Any], **more: Any) -> Task:
    if to not in TRANSITIONS[task.status]:
        raise WrongStatusError(task, to)
    if to in ENDED:
        more["finished_us"] = moment(connection)
    moved = _write(connection, task, *changes, status=to, **more)
    if to in ENDED:
        row = {column.name: getattr(moved, column.name) for column in task_runs.c if column.name in SHARED}
        connection.execute(insert(task_runs).values(**row, attempt=moved.attempts, cost_picodollars=0, tokens=0))
    return moved


def _charge(connection: Connection, task: Task, spent: Spent) -> None:
    """Put the cost of a run down to its ending."""
    same = (task_runs.c.task_id == task.task_id) & (task_runs.c.attempt == task.attempts)
    latest = select(func.max(task_runs.c.run_id)).where(same).scalar_subquery()
    amounts = {"cost_picodollars": spent.cost_picodollars, "tokens": spent.tokens}
    connection.execute(update(task_runs).where(task_runs.c.run_id == latest).values(amounts))


def _write(connection: Connection, task: Task, *changes: dict[str, Any], **more: Any) -> Task:
    values = {name: value for change in changes for name, value in change.items()} | more
    now = literal(moment(connection))
    later = case((tasks.c.changed_us < now, now), else_=tasks.c.changed_us + 1)
    chosen = update(tasks).where(tasks.c.task_id == task.task_id).values({**values, "changed_us": later})
    return task_of(connection.execute(chosen.returning(*COLUMNS)).one())
