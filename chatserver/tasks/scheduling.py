"""Fair scheduling: the oldest task of the user who runs the fewest; of several users, the one served least recently."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, or_, select

from chatserver.storage.schema import tasks
from chatserver.tasks.errors import TooManyTasksError
from chatserver.tasks.records import TaskStatus

CLAIM_LOCK = 0x7461736B  # servers claim tasks one at a time
QUEUE_LOCK = CLAIM_LOCK + 1  # and add them one at a time
MAX_WAITING = 5_000
MAX_WAITING_OF_USER = 500

pending = tasks.alias("pending")
running = tasks.alias("running")
other = tasks.alias("other")

_users = select(pending.c.user_id).where(pending.c.status == TaskStatus.PENDING).distinct().subquery("users")
_running_count = (
    select(func.count())
    .where(running.c.user_id == _users.c.user_id, running.c.status == TaskStatus.RUNNING)
    .correlate(_users)
    .scalar_subquery()
)
_last_start = (
    select(func.coalesce(func.max(running.c.started_us), 0))
    .where(running.c.user_id == _users.c.user_id)
    .correlate(_users)
    .scalar_subquery()
)
_ranks = select(_users.c.user_id, _running_count.label("running"), _last_start.label("last_start")).subquery("ranks")
# The tasks of a chat run one after the other, oldest first.
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
_is_ready = and_(tasks.c.status == TaskStatus.PENDING, ~_chat_is_busy)
READY = select(func.count()).select_from(tasks).where(_is_ready)
NEXT = (
    select(tasks.c.task_id)
    .join(_ranks, _ranks.c.user_id == tasks.c.user_id)
    .where(_is_ready)
    .order_by(_ranks.c.running, _ranks.c.last_start, tasks.c.queued_us, tasks.c.task_id)
    .limit(1)
)


def next_task_id(connection: Connection) -> str | None:
    """The id of the task to run next, None where there is none. Other servers wait until the transaction ends."""
    _lock(connection, CLAIM_LOCK)
    found: str | None = connection.scalar(NEXT)
    return found


def check_queue_limits(connection: Connection, user_id: str) -> None:
    """Raise TooManyTasksError unless the queue has room for one more task of a user until the transaction ends."""
    _lock(connection, QUEUE_LOCK)
    waiting = select(func.count()).where(tasks.c.status == TaskStatus.PENDING)
    for query, limit, whose in (
        (waiting.where(tasks.c.user_id == user_id), MAX_WAITING_OF_USER, "of your tasks"),
        (waiting, MAX_WAITING, "tasks"),
    ):
        if (connection.scalar(query) or 0) >= limit:
            raise TooManyTasksError(f"{limit:,} {whose} are pending, the maximum; try again when some have run.")


def _lock(connection: Connection, lock: int) -> None:
    """Have other servers wait until the transaction ends."""
    if connection.dialect.name != "sqlite":  # which has one writer at a time anyway
        connection.execute(select(func.pg_advisory_xact_lock(lock)))
