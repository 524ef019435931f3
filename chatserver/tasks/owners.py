"""Who may queue a task: a person who is still logged in, for a user who still exists.

Both are read in the transaction that queues the task. So a user who is removed, or whose password changes, at the same
moment gets either a refusal or a task that `users remove` and `users passwd --stop-tasks` find and stop.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.storage.schema import users
from chatserver.tasks.errors import LoggedOutError, OwnerRemovedError
from chatserver.tasks.records import Task


def check_is_logged_in(connection: Connection, viewer: Viewer) -> None:
    """Raise LoggedOutError unless the person's tokens are valid until the transaction ends."""
    if viewer != LOCAL_ADMIN and _tokens_valid_from(connection, viewer.user_id) != viewer.tokens_valid_from_us:
        raise LoggedOutError


def check_owner_exists(connection: Connection, task: Task) -> None:
    """Raise OwnerRemovedError unless the user of a task exists until the transaction ends."""
    if task.user_id != LOCAL_ADMIN.user_id and _tokens_valid_from(connection, task.user_id) is None:
        raise OwnerRemovedError(task)


def _tokens_valid_from(connection: Connection, user_id: str) -> int | None:
    """From when on tokens of a user are valid, None where there is no such user; locked against changes."""
    row = select(users.c.tokens_valid_from_us).where(users.c.user_id == user_id)
    found: int | None = connection.scalar(row.with_for_update(read=True))
    return found
