"""What people say in a chat, and what is done with it: a command is carried out, anything else becomes a task."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chatserver.accounts.viewer import Viewer
from chatserver.chat.history import Chat, Chats, Message, NewMessage, Role, answer_key
from chatserver.commands import CommandHandler
from chatserver.tasks.errors import TaskError
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import NewTask, Task, TaskStatus

MESSAGE_CHARACTERS = 100_000
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TURNS = 64
INTERRUPTED = "The server ended while it carried this out; /tasks:list tells what came of it. Send it anew if need be."


class InvalidEventError(Exception):
    """An event is not what it should be; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What a client says. Without a chat it begins one; its `client_id` makes it the same one when sent again."""

    text: str
    chat_id: str | None
    client_id: str


def read_chat_message(arguments: tuple[Any, ...]) -> ChatMessage:
    """A client's chat_message. Raises InvalidEventError."""
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise InvalidEventError('A chat_message carries one object: {"message": …, "session_id": …, "client_id": …}.')
    given: Mapping[str, Any] = arguments[0]
    return ChatMessage(
        text=_text(given.get("message")),
        chat_id=_id(given, "session_id"),
        client_id=_id(given, "client_id") or uuid.uuid4().hex,
    )


def answer_of(task: Task) -> NewMessage | None:
    """What is said in its chat of a task that has ended; None of any other."""
    if task.chat_id is None or task.status not in ANSWERS:
        return None
    role, text = ANSWERS[task.status]
    said = {TaskStatus.COMPLETED: task.result, TaskStatus.FAILED: task.error}.get(task.status)
    return NewMessage(task.chat_id, role, said or text, answer_key(task), task.task_id)


ANSWERS: Mapping[TaskStatus, tuple[Role, str]] = {
    TaskStatus.COMPLETED: (Role.ASSISTANT, ""),
    TaskStatus.FAILED: (Role.ERROR, "The task failed."),
    TaskStatus.STOPPED: (Role.ERROR, "The task was stopped."),
}


class Conversations:
    """Says what people say. Several threads or greenlets may call it; of one user, one at a time is heard."""

    def __init__(self, chats: Chats, manager: TaskManager, commands: CommandHandler) -> None:
        self._chats = chats
        self._manager = manager
        self._commands = commands
        self._turns = tuple(threading.Lock() for _ in range(TURNS))

    def say(self, said: ChatMessage, viewer: Viewer) -> dict[str, Any]:
        """Which chat, message and task it is now. Raises InvalidEventError, UnknownChatError, TaskError."""
        with self._turns[hash(viewer.user_id) % TURNS]:
            chat = self._chat(said, viewer)
            message, is_new = self._chats.add(NewMessage(chat.chat_id, Role.USER, said.text, said.client_id))
            if message.text != said.text:
                raise InvalidEventError("Another message has this client_id already; give each message its own.")
            about = {"session_id": chat.chat_id, "message_id": message.message_id}
            if said.text.startswith("/"):
                return about | {"command": self._command(message, viewer, is_new=is_new)}
            task_id = message.task_id or self._task(message, viewer, began=is_new and said.chat_id is None)
            return about | {"task_id": task_id}

    def _chat(self, said: ChatMessage, viewer: Viewer) -> Chat:
        if said.chat_id is None:
            return self._chats.create(viewer.user_id, said.text, said.client_id)
        return self._chats.get(said.chat_id, viewer.user_id)

    def _task(self, message: Message, viewer: Viewer, *, began: bool) -> str:
        try:
            task = self._manager.create(NewTask(viewer.user_id, message.text, chat_id=message.chat_id))
        except TaskError:
            if began:
                self._chats.delete(message.chat_id, viewer.user_id)
            else:
                self._chats.take_back(message.message_id)
            raise
        self._chats.give_task(message.message_id, task.task_id)
        return task.task_id

    def _command(self, message: Message, viewer: Viewer, *, is_new: bool) -> dict[str, Any]:
        """What the command came to; one that was sent again is not carried out again."""
        key = f"answer:{message.client_id}"
        if not is_new:
            answer, _ = self._chats.add(NewMessage(message.chat_id, Role.ERROR, INTERRUPTED, key))
            return {"success": answer.role is Role.COMMAND, "message": answer.text, "data": None}
        reply = self._commands.handle(message.text, viewer)
        self._chats.add(NewMessage(message.chat_id, Role.COMMAND, reply["message"], key))
        plain: dict[str, Any] = msgspec.to_builtins(reply)
        return plain


def _text(given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InvalidEventError("A chat_message needs a message: some text.")
    if len(given) > MESSAGE_CHARACTERS:
        raise InvalidEventError(f"The message is too long: it may have {MESSAGE_CHARACTERS} characters.")
    if "\0" in given or any("\ud800" <= character <= "\udfff" for character in given):
        raise InvalidEventError("The message holds a character that is no text: NUL, or half of a pair.")
    return given


def _id(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise InvalidEventError(f"{name} is up to 64 letters a to z, digits, _ and -.")
    return value
