"""All queries of the tables of tasks."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Select,
    Table,
    and_,
    case,
    func,
    select,
    true,
    tuple_,
    union,
)

from chatserver.accounts.viewer import Viewer
from chatserver.storage.database import Database
from chatserver.storage.schema import task_runs, tasks
from chatserver.tasks.errors import AmbiguousTaskError, InvalidTaskError, UnknownTaskError
from chatserver.tasks.records import FinishedRun, RunCosts, Step, Task, TaskFilter, TaskPage, TaskStatus
from chatserver.tasks.steps import read_steps
from chatserver.tasks.store import COLUMNS, task_of

PREFIX = re.compile(r"[0-9a-f]{1,32}")
CURSOR = re.compile(r"(\d{1,18})\.([0-9a-f]{1,32})", re.ASCII)
MAX_LISTED = 500
KNOWN_COST = func.sum(task_runs.c.cost_picodollars)
INCOMPLETE_COSTS = func.sum(case((task_runs.c.cost_known, 0), else_=1))
RUN_COLUMNS = tuple(task_runs.c[field.name] for field in fields(FinishedRun))


class TaskQueries:
    """The tasks in the database, read-only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, prefix: str, viewer: Viewer) -> Task:
        """The one task whose id starts with this. Raises UnknownTaskError, AmbiguousTaskError."""
        wanted = prefix.strip().lower()
        if not PREFIX.fullmatch(wanted):
            raise UnknownTaskError(prefix)
        found = self._tasks(
            select(*COLUMNS)
            .where(tasks.c.task_id.startswith(wanted), _visible(viewer))
            .order_by(tasks.c.task_id)
            .limit(2)
        )
        if not found:
            raise UnknownTaskError(prefix)
        if len(found) > 1 and found[0].task_id != wanted:
            raise AmbiguousTaskError(wanted)
        return found[0]

    def steps(self, task: Task) -> tuple[Step, ...]:
        """The steps of the task's latest run, oldest first."""
        return read_steps(self._database, task)

    def page(self, wanted: TaskFilter, viewer: Viewer, limit: int, cursor: str | None) -> TaskPage:
        """A page of tasks, newest first. Raises InvalidTaskError."""
        limit = max(1, min(limit, MAX_LISTED))
        found = self._tasks(listing(wanted, viewer, cursor).limit(limit + 1))
        if len(found) <= limit:
            return TaskPage(found)
        last = found[limit - 1]
        return TaskPage(found[:limit], f"{last.created_us}.{last.task_id}")

    def counts(self, viewer: Viewer) -> dict[TaskStatus, int]:
        """The number of tasks by status."""
        rows = self._rows(counting(viewer))
        return dict.fromkeys(TaskStatus, 0) | {TaskStatus(status): number for status, number in rows}

    def has_pending(self) -> bool:
        """Whether any task is pending."""
        return bool(self._number(select(func.count()).where(tasks.c.status == TaskStatus.PENDING)))

    def of_servers(self, *servers: str) -> tuple[Task, ...]:
        """The tasks that may have processes on these servers."""
        return self._tasks(select(*COLUMNS).where(tasks.c.server.in_(servers)))

    def unfinished(self) -> tuple[Task, ...]:
        """The tasks that may have processes on any server."""
        return self._tasks(select(*COLUMNS).where(tasks.c.server.is_not(None)))

    def changed_since(self, since_us: int) -> tuple[Task, ...]:
        """The tasks that have changed since a time, in order of their changes."""
        return self._tasks(select(*COLUMNS).where(tasks.c.changed_us > since_us).order_by(tasks.c.changed_us))

    def last_change(self) -> int:
        """The time of the latest change of any task, 0 where there is none."""
        return self._number(select(func.max(tasks.c.changed_us)))

    def finished_since(self, since_us: int) -> tuple[FinishedRun, ...]:
        """The runs of all users that have ended since a time."""
        rows = self._rows(select(*RUN_COLUMNS).where(task_runs.c.finished_us >= since_us))
        return tuple(FinishedRun(**{**row._asdict(), "status": TaskStatus(row.status)}) for row in rows)

    def spent_since(self, since_us: int) -> RunCosts:
        """The cost of the runs that have ended since a time."""
        return self._costs(task_runs.c.finished_us >= since_us)

    def spent_in_session(self, session_uuid: str | None) -> RunCosts:
        """The cost of the runs of one Claude Code session."""
        return self._costs(task_runs.c.session_uuid == session_uuid)

    def spent_by(self, viewer: Viewer) -> RunCosts:
        """The cost of all runs of the viewer's tasks."""
        return self._costs(_visible(viewer, task_runs))

    def session_uuids(self, viewer: Viewer) -> frozenset[str]:
        """The sessions of the viewer's tasks, earlier runs included."""
        found = (select(table.c.session_uuid).where(_visible(viewer, table)) for table in (tasks, task_runs))
        return frozenset(row.session_uuid for row in self._rows(select(union(*found).subquery())) if row.session_uuid)

    def _costs(self, of: ColumnElement[bool]) -> RunCosts:
        ((picodollars, incomplete),) = self._rows(select(KNOWN_COST, INCOMPLETE_COSTS).where(of))
        return RunCosts(int(picodollars or 0), int(incomplete or 0))

    def _number(self, query: Select[Any]) -> int:
        return int(self._database.run_read_only(lambda connection: connection.scalar(query)) or 0)

    def _rows(self, query: Executable) -> Any:
        return self._database.run_read_only(lambda connection: connection.execute(query).all())

    def _tasks(self, query: Select[Any]) -> tuple[Task, ...]:
        def work(connection: Connection) -> tuple[Task, ...]:
            return tuple(task_of(row) for row in connection.execute(query))

        return self._database.run_read_only(work)


def listing(wanted: TaskFilter, viewer: Viewer, cursor: str | None = None) -> Select[Any]:
    """The query of a page of tasks. Raises InvalidTaskError."""
    equal = {
        tasks.c.user_id: wanted.user_id, tasks.c.agent_type: wanted.agent_type, tasks.c.workflow: wanted.workflow,
        tasks.c.chat_id: wanted.chat_id,
    }  # fmt: skip
    conditions = [_visible(viewer), *(column == value for column, value in equal.items() if value is not None)]
    if wanted.statuses:
        conditions.append(tasks.c.status.in_(wanted.statuses))
    if wanted.since_us is not None:
        conditions.append(tasks.c.created_us >= wanted.since_us)
    if cursor is not None:
        conditions.append(_after_cursor(cursor))
    return select(*COLUMNS).where(and_(*conditions)).order_by(tasks.c.created_us.desc(), tasks.c.task_id.desc())


def counting(viewer: Viewer) -> Select[Any]:
    """The query of the number of tasks by status."""
    return select(tasks.c.status, func.count()).where(_visible(viewer)).group_by(tasks.c.status)


def _visible(viewer: Viewer, table: Table = tasks) -> ColumnElement[bool]:
    return true() if viewer.is_admin else table.c.user_id == viewer.user_id


def _after_cursor(cursor: str) -> ColumnElement[bool]:
    found = CURSOR.fullmatch(cursor)
    if not found:
        raise InvalidTaskError("Invalid cursor; use next_cursor of the previous page, or none.")
    return tuple_(tasks.c.created_us, tasks.c.task_id) < tuple_(int(found[1]), found[2])
