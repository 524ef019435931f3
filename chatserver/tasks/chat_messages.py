"""The message of a chat that asks for a task. Both are stored in one transaction, so that it never gets two tasks."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from chatserver.storage.schema import chats, messages
from chatserver.tasks.errors import DeletedMessageError
from chatserver.tasks.records import Task


def assigned_task(connection: Connection, message_id: int) -> str | None:
    """The id of the task that a message has; the message is locked until the transaction ends.

    Raises DeletedMessageError.
    """
    query = select(messages.c.task_id).where(messages.c.message_id == message_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise DeletedMessageError
    found: str | None = row.task_id
    return found


def assign_task(connection: Connection, message_id: int, task: Task) -> None:
    """Record the task that works on a message, and have its chat stay in the workspace of the first one."""
    connection.execute(update(messages).where(messages.c.message_id == message_id).values(task_id=task.task_id))
    is_first = (chats.c.chat_id == task.chat_id) & (chats.c.workspace == "")
    connection.execute(update(chats).where(is_first).values(workspace=task.workspace))
