"""Whose turn it is: the oldest task of the user who runs the fewest, and of those, who has waited longest for one."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, or_, select

from chatserver.storage.schema import tasks
from chatserver.tasks.records import TaskStatus

CLAIM_LOCK = 0x7461736B  # of all servers that look for a task at once, one finds it

waiting = tasks.alias("waiting")
running = tasks.alias("running")
other = tasks.alias("other")

_users = select(waiting.c.user_id).where(waiting.c.status == TaskStatus.PENDING).distinct().subquery("users")
_at_work = (
    select(func.count())
    .where(running.c.user_id == _users.c.user_id, running.c.status == TaskStatus.RUNNING)
    .correlate(_users)
    .scalar_subquery()
)
_served = (
    select(func.coalesce(func.max(running.c.started_us), 0))
    .where(running.c.user_id == _users.c.user_id)
    .correlate(_users)
    .scalar_subquery()
)
_ranks = select(_users.c.user_id, _at_work.label("at_work"), _served.label("served")).subquery("ranks")
# A conversation is one thing after another: nothing of it may run, and nothing older of it may wait.
_chat_is_busy = (
    select(other.c.task_id)
    .where(
        other.c.chat_id == tasks.c.chat_id,
        or_(
            other.c.server.is_not(None),
            and_(
                other.c.status == TaskStatus.PENDING,
                or_(
                    other.c.queued_us < tasks.c.queued_us,
                    and_(other.c.queued_us == tasks.c.queued_us, other.c.task_id < tasks.c.task_id),
                ),
            ),
        ),
    )
    .correlate(tasks)
    .exists()
)
_may_begin = and_(tasks.c.status == TaskStatus.PENDING, ~_chat_is_busy)
READY = select(func.count()).select_from(tasks).where(_may_begin)
NEXT = (
    select(tasks.c.task_id)
    .join(_ranks, _ranks.c.user_id == tasks.c.user_id)
    .where(_may_begin)
    .order_by(_ranks.c.at_work, _ranks.c.served, tasks.c.queued_us, tasks.c.task_id)
    .limit(1)
)


def next_task_id(connection: Connection) -> str | None:
    """The task that is to run next; nobody else finds one until the transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock(CLAIM_LOCK)))
    found: str | None = connection.scalar(NEXT)
    return found
