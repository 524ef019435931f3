"""Messages of a chat and how they are handled: a command is executed, anything else becomes a task."""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chatserver.accounts.viewer import Viewer
from chatserver.chat.history import Chat, ChatLimitError, Chats, Message, NewMessage, Role, answer_key
from chatserver.chat.options import ChatOptions, new_task
from chatserver.commands import CommandHandler
from chatserver.tasks.errors import TaskError
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import Task, TaskStatus
from exporter.model.text import is_storable
from exporter.model.token_bucket import TokenBucket

MAX_MESSAGE_CHARACTERS = 100_000
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LOCKS = 64
MESSAGE_INTERVAL_SECONDS, MESSAGE_BURST = 1.0, 120
INTERRUPTED = "The server ended while it executed this; check /tasks:list, and send it again if needed."


class InvalidEventError(Exception):
    """An event is not valid; the message says why."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A client's message. Without a chat it starts one; sent again with its `client_id`, it is the same message."""

    text: str
    chat_id: str | None
    client_id: str
    options: ChatOptions = ChatOptions()  # noqa: RUF009 - it is frozen


def read_chat_message(arguments: tuple[Any, ...]) -> ChatMessage:
    """The message in a client's chat_message event. Raises InvalidEventError."""
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise InvalidEventError('A chat_message has one object: {"message": …, "session_id": …, "client_id": …}.')
    given: Mapping[str, Any] = arguments[0]
    return ChatMessage(
        text=_text(given.get("message")),
        chat_id=_id(given, "session_id"),
        client_id=_id(given, "client_id") or uuid.uuid4().hex,
        options=_options(given.get("options")),
    )


def answer_of(task: Task) -> NewMessage | None:
    """The answer to the chat of a task that has ended; None for other tasks."""
    if task.chat_id is None or task.status not in ANSWERS:
        return None
    role, default = ANSWERS[task.status]
    text = {TaskStatus.COMPLETED: task.result, TaskStatus.FAILED: task.error}.get(task.status)
    return NewMessage(task.chat_id, role, text or default, answer_key(task), task.task_id)


ANSWERS: Mapping[TaskStatus, tuple[Role, str]] = {
    TaskStatus.COMPLETED: (Role.ASSISTANT, ""),
    TaskStatus.FAILED: (Role.ERROR, "The task failed."),
    TaskStatus.STOPPED: (Role.NOTE, "The task was stopped."),
}


class Conversations:
    """Handles messages, one at a time for each user. Any thread or greenlet may call it."""

    def __init__(self, chats: Chats, manager: TaskManager, commands: CommandHandler) -> None:
        self._chats = chats
        self._manager = manager
        self._commands = commands
        self._user_locks = tuple(threading.Lock() for _ in range(LOCKS))
        self._rates: dict[str, TokenBucket] = {}

    def handle_message(self, sent: ChatMessage, viewer: Viewer) -> dict[str, Any]:
        """Add a message, act on it, and return its ids.

        Raises InvalidEventError, UnknownChatError, ChatLimitError, TaskError.
        """
        with self._user_locks[hash(viewer.user_id) % LOCKS]:
            self._check_rate(viewer.user_id)
            chat = self._chat(sent, viewer)
            message, is_new = self._chats.add_message(NewMessage(chat.chat_id, Role.USER, sent.text, sent.client_id))
            if message.text != sent.text:
                raise InvalidEventError("Another message has this client_id already; give each message its own.")
            ids = {"session_id": chat.chat_id, "message_id": message.message_id}
            if sent.text.startswith("/"):
                return ids | {"command": self._execute_command(message, viewer, is_new=is_new)}
            starts_chat = is_new and sent.chat_id is None
            if message.task_id is None:
                return ids | {
                    "task_id": self._create_task(message, chat, sent.options, viewer, starts_chat=starts_chat)
                }
            return ids | {"task_id": message.task_id}

    def _check_rate(self, user_id: str) -> None:
        rate = self._rates.setdefault(user_id, TokenBucket(MESSAGE_INTERVAL_SECONDS, MESSAGE_BURST))
        if not rate.take_token(time.monotonic()):
            raise ChatLimitError("You send messages too fast; try again in a few seconds.")

    def _chat(self, sent: ChatMessage, viewer: Viewer) -> Chat:
        if sent.chat_id is None:
            return self._chats.create(viewer.user_id, sent.text, sent.client_id)
        return self._chats.get(sent.chat_id, viewer.user_id)

    def _create_task(
        self, message: Message, chat: Chat, options: ChatOptions, viewer: Viewer, *, starts_chat: bool
    ) -> str:
        try:
            task = self._manager.create(new_task(message, chat, options, viewer))
        except TaskError:
            if starts_chat:
                self._chats.delete(message.chat_id, viewer.user_id)
            else:
                self._chats.delete_message(message.message_id)
            raise
        return task.task_id

    def _execute_command(self, message: Message, viewer: Viewer, *, is_new: bool) -> dict[str, Any]:
        """Execute a command, and return its reply; a message that is sent again returns the kept one."""
        key = f"answer:{message.client_id}"
        if not is_new:
            answer, _ = self._chats.add_message(NewMessage(message.chat_id, Role.ERROR, INTERRUPTED, key))
            return {"success": answer.role is Role.COMMAND, "message": answer.text, "data": None}
        reply = self._commands.handle(message.text, viewer)
        self._chats.add_message(NewMessage(message.chat_id, Role.COMMAND, reply["message"], key))
        plain: dict[str, Any] = msgspec.to_builtins(reply)
        return plain


def _text(given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InvalidEventError("The message is empty; send a chat_message with some text as its message.")
    if len(given) > MAX_MESSAGE_CHARACTERS:
        raise InvalidEventError(f"The message is too long; send at most {MAX_MESSAGE_CHARACTERS} characters.")
    if not is_storable(given):
        raise InvalidEventError("The message contains a NUL or a lone surrogate; remove it.")
    return given


def _options(given: object) -> ChatOptions:
    try:
        return ChatOptions() if given is None else msgspec.convert(given, ChatOptions)
    except msgspec.ValidationError as error:
        raise InvalidEventError(f"Invalid options ({error}); see the documentation of the chat.") from error


def _id(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise InvalidEventError(f"Invalid {name}; use up to 64 of the characters a to z, A to Z, 0 to 9, _ and -.")
    return value
