"""Chats and their messages in the database."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Row, Select, Text, and_, cast, delete, func, insert, literal, select, tuple_, update

from chatserver.storage.database import Database
from chatserver.storage.schema import chats, messages, tasks
from chatserver.tasks.records import ENDED, Task
from exporter.model.clock import now_us
from exporter.model.text import shortened

TITLE_CHARACTERS = 80
PAGE = 20
MAX_CHATS_OF_USER = 1_000
MAX_MESSAGES_OF_CHAT = 10_000


class UnknownChatError(Exception):
    """No such chat, or not one of the user's."""

    def __init__(self) -> None:
        super().__init__("There is no such chat; send a message without session_id to start one.")


class ChatLimitError(Exception):
    """A user has the maximum number of chats, or a chat that of messages."""


class Role(StrEnum):
    """The author of a message."""

    USER = "user"
    ASSISTANT = "assistant"
    COMMAND = "command"  # the reply to a command
    ERROR = "error"  # the reason for the lack of an answer
    NOTE = "note"  # why there is no answer, as somebody wanted it


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation. Times are microseconds since the epoch; `session_uuid` is the Claude Code session.

    `workspace` is that of its tasks, empty before the first one.
    """

    chat_id: str
    user_id: str
    title: str
    session_uuid: str | None
    workspace: str
    created_us: int
    updated_us: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message. Among all messages of one user, a later one has the greater `message_id`."""

    message_id: int
    chat_id: str
    role: Role
    text: str
    task_id: str | None
    client_id: str | None
    created_us: int


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to add; its `client_id` is unique in its chat, however often it is added."""

    chat_id: str
    role: Role
    text: str
    client_id: str
    task_id: str | None = None


class Chats:
    """The chats of all users. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, user_id: str, title: str, client_id: str | None = None) -> Chat:
        """A new chat; the same one again where a message with the same `client_id` starts it again.

        Raises ChatLimitError.
        """
        chat_id = _chat_id(user_id, client_id)
        now = now_us()
        chat = Chat(chat_id, user_id, shortened(" ".join(title.split()), TITLE_CHARACTERS), None, "", now, now)

        def create(connection: Connection) -> Chat:
            _lock_user(connection, user_id)
            row = connection.execute(_own(chat_id, user_id)).one_or_none()
            if row is not None:
                return _chat(row)
            of_user = select(func.count()).where(chats.c.user_id == user_id)
            if (connection.scalar(of_user) or 0) >= MAX_CHATS_OF_USER:
                raise ChatLimitError(f"You have {MAX_CHATS_OF_USER:,} chats, the maximum; delete one first.")
            connection.execute(insert(chats).values({name: getattr(chat, name) for name in Chat.__slots__}))
            return chat

        return self._database.run(create)

    def get(self, chat_id: str, user_id: str) -> Chat:
        """A chat of the user. Raises UnknownChatError."""
        row = self._database.run_read_only(lambda connection: connection.execute(_own(chat_id, user_id)).one_or_none())
        if row is None:
            raise UnknownChatError
        return _chat(row)

    def owner(self, chat_id: str) -> str | None:
        """The user id of a chat's owner, None where there is no such chat."""
        query = select(chats.c.user_id).where(chats.c.chat_id == chat_id)
        return self._database.run_read_only(lambda connection: connection.scalar(query))

    def list(self, user_id: str, limit: int, before: tuple[int, str] | None = None) -> Sequence[Chat]:
        """A page of a user's chats, most recently updated first; `before` is the last one of the previous page."""
        query = select(chats).where(chats.c.user_id == user_id)
        if before is not None:
            query = query.where(tuple_(chats.c.updated_us, chats.c.chat_id) < before)
        query = query.order_by(chats.c.updated_us.desc(), chats.c.chat_id.desc()).limit(limit)
        return [_chat(row) for row in self._database.run_read_only(lambda connection: connection.execute(query).all())]

    def delete(self, chat_id: str, user_id: str) -> None:
        """Delete a chat of the user with its messages. Raises UnknownChatError."""
        removal = delete(chats).where(chats.c.chat_id == chat_id, chats.c.user_id == user_id)

        def remove(connection: Connection) -> int:
            _lock_user(connection, user_id)
            return connection.execute(removal).rowcount

        if not self._database.run(remove):
            raise UnknownChatError

    def messages(self, chat_id: str, user_id: str, after_id: int = 0, limit: int = PAGE) -> Sequence[Message]:
        """A page of the messages in a chat of the user, oldest first. Raises UnknownChatError."""
        self.get(chat_id, user_id)
        return self._messages(select(messages).where(messages.c.chat_id == chat_id), after_id, limit)

    def messages_between(self, user_id: str, after_id: int, last_id: int) -> Sequence[Message]:
        """A page of the messages in all chats of a user, after one id and up to another, oldest first."""
        query = select(messages).join(chats, chats.c.chat_id == messages.c.chat_id).where(chats.c.user_id == user_id)
        return self._messages(query.where(messages.c.message_id <= last_id), after_id, PAGE)

    def last_id(self, user_id: str) -> int:
        """The id of the last message in all chats of a user, 0 where there is none."""
        query = select(func.max(messages.c.message_id)).join(chats, chats.c.chat_id == messages.c.chat_id)
        query = query.where(chats.c.user_id == user_id)
        return self._database.run_read_only(lambda connection: connection.scalar(query)) or 0

    def add_message(self, new: NewMessage) -> tuple[Message, bool]:
        """The message in the database, and whether it is new there. Raises UnknownChatError, ChatLimitError."""

        def add(connection: Connection) -> tuple[Message, bool]:
            owner = connection.scalar(select(chats.c.user_id).where(chats.c.chat_id == new.chat_id))
            if owner is None:
                raise UnknownChatError
            _lock_user(connection, owner)
            same = and_(messages.c.chat_id == new.chat_id, messages.c.client_id == new.client_id)
            row = connection.execute(select(messages).where(same)).one_or_none()
            if row is not None:
                return _message(row), False
            of_chat = select(func.count()).where(messages.c.chat_id == new.chat_id)
            if new.role is Role.USER and (connection.scalar(of_chat) or 0) >= MAX_MESSAGES_OF_CHAT:
                raise ChatLimitError(f"This chat has {MAX_MESSAGES_OF_CHAT:,} messages, the maximum; start a new one.")
            return _insert(connection, new), True

        return self._database.run(add)

    def delete_message(self, message_id: int) -> None:
        """Delete a message for which no task could be created, unless it was sent again and has one."""
        removal = delete(messages).where(messages.c.message_id == message_id, messages.c.task_id.is_(None))
        self._database.run(lambda connection: connection.execute(removal))

    def unanswered_tasks(self) -> Sequence[str]:
        """The ids of ended tasks whose chat has no answer, because a server was killed before it was added."""
        key = literal("answer:") + tasks.c.task_id + ":" + cast(tasks.c.attempts, Text)
        answer = and_(messages.c.chat_id == tasks.c.chat_id, messages.c.client_id == key)
        query = select(tasks.c.task_id).outerjoin(messages, answer).where(messages.c.message_id.is_(None))
        query = query.where(tasks.c.chat_id.is_not(None), tasks.c.status.in_(ENDED)).order_by(tasks.c.finished_us)
        return self._database.run_read_only(lambda connection: connection.scalars(query).all())

    def _messages(self, query: Select[*tuple[object, ...]], after_id: int, limit: int) -> Sequence[Message]:
        query = query.where(messages.c.message_id > after_id).order_by(messages.c.message_id).limit(limit)
        return [
            _message(row) for row in self._database.run_read_only(lambda connection: connection.execute(query).all())
        ]


def answer_key(task: Task) -> str:
    """The `client_id` of the answer of a task's run, so that of several servers only one adds it."""
    return f"answer:{task.task_id}:{task.attempts}"


def _chat_id(user_id: str, client_id: str | None) -> str:
    if client_id is None:
        return secrets.token_hex(12)
    return hashlib.sha256(f"{user_id}\n{client_id}".encode()).hexdigest()[:24]


def _lock_user(connection: Connection, user_id: str) -> None:
    """Serialize a user's transactions, so that messages which are committed later have greater ids."""
    if connection.dialect.name != "sqlite":  # which has one writer at a time anyway
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(user_id, 0))))


def _own(chat_id: str, user_id: str) -> Select[*tuple[object, ...]]:
    return select(chats).where(chats.c.chat_id == chat_id, chats.c.user_id == user_id)


def _insert(connection: Connection, new: NewMessage) -> Message:
    now = now_us()
    values = {name: getattr(new, name) for name in NewMessage.__slots__} | {"created_us": now}
    row = connection.execute(insert(messages).values(values).returning(messages)).one()
    connection.execute(update(chats).where(chats.c.chat_id == new.chat_id).values(updated_us=now))
    return _message(row)


def _chat(row: Row[*tuple[object, ...]]) -> Chat:
    return Chat(*(getattr(row, name) for name in Chat.__slots__))


def _message(row: Row[*tuple[object, ...]]) -> Message:
    given = {name: getattr(row, name) for name in Message.__slots__}
    return Message(**given | {"role": Role(given["role"])})
