"""Chats and their messages as JSON: over HTTP, and in the events for sockets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from chatserver.chat.history import Chat, Message, Role
from exporter.model.clock import from_us

EVENTS: Mapping[Role, str] = {
    Role.USER: "chat_message",
    Role.ASSISTANT: "chat_response",
    Role.COMMAND: "chat_response",
    Role.ERROR: "chat_error",
    Role.NOTE: "chat_response",
}


class ChatView(msgspec.Struct, frozen=True, kw_only=True):
    """A chat; messages refer to it by `session_id`. Its tasks work in one `workspace`, empty before the first one."""

    session_id: str
    title: str
    workspace: str
    created_at: datetime
    updated_at: datetime


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a chat; `final` distinguishes it from a part of an answer that is being written."""

    session_id: str
    message_id: int
    role: Role
    message: str
    task_id: str | None
    client_id: str | None
    created_at: datetime
    final: bool = True


class PartView(msgspec.Struct, frozen=True, kw_only=True):
    """A new part of an answer. The part of index 0 replaces all before; `tool` is the tool that the task runs."""

    session_id: str
    task_id: str
    message: str
    index: int
    tool: str | None
    role: Role = Role.ASSISTANT
    final: bool = False


def chat_view(chat: Chat) -> ChatView:
    """The view of a chat."""
    return ChatView(
        session_id=chat.chat_id,
        title=chat.title,
        workspace=chat.workspace,
        created_at=from_us(chat.created_us),
        updated_at=from_us(chat.updated_us),
    )


def message_view(message: Message) -> MessageView:
    """The view of a message; only a person's has a `client_id`."""
    return MessageView(
        session_id=message.chat_id,
        message_id=message.message_id,
        role=message.role,
        message=message.text,
        task_id=message.task_id,
        client_id=message.client_id if message.role is Role.USER else None,
        created_at=from_us(message.created_us),
    )


def plain(view: object) -> dict[str, Any]:
    """A view as plain JSON values."""
    values: dict[str, Any] = msgspec.to_builtins(view)
    return values
