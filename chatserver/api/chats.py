"""Chats over HTTP; their messages are sent over the WebSocket at /socket.io/."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import msgspec
from flask import Blueprint
from msgspec import Meta

from chatserver.accounts.viewer import Viewer
from chatserver.api.operations import Cursor, Operation, Request, endpoint
from chatserver.chat.history import UnknownChatError
from chatserver.chat.views import ChatView, MessageView, chat_view, message_view
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.tasks.errors import WrongStatusError
from chatserver.tasks.records import OPEN, TaskFilter

chats = Blueprint("chats", __name__, url_prefix="/api/chats")


class ChatQuery(Request, frozen=True):
    """A page of chats: its size, and where it starts."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Cursor | None = None


class MessageQuery(Request, frozen=True):
    """A page of messages: its size, and the message after which it starts."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 100
    after_id: Annotated[int, Meta(ge=0, le=2**53)] = 0


class ChatList(msgspec.Struct, frozen=True):
    """A page of chats, most recently updated first; `next_cursor` is for the next page."""

    chats: list[ChatView]
    next_cursor: str | None


class MessageList(msgspec.Struct, frozen=True):
    """A page of a chat's messages, oldest first; `next_after_id` is for the next page."""

    messages: list[MessageView]
    next_after_id: int | None


@chats.get("")
@endpoint(Operation("List your chats", ChatList, query=ChatQuery))
def list_chats(query: ChatQuery) -> ChatList:
    """The viewer's own chats; admins do not see those of others."""
    found = services().chats.list(current_viewer().user_id, query.limit, _before(query.cursor))
    last = found[-1] if len(found) == query.limit else None
    return ChatList([chat_view(chat) for chat in found], f"{last.updated_us}.{last.chat_id}" if last else None)


@chats.get("/<session_id>/messages")
@endpoint(Operation("List the messages of a chat", MessageList, query=MessageQuery, problems=(404,)))
def list_messages(session_id: str, query: MessageQuery) -> MessageList:
    """The messages of one of the viewer's own chats."""
    try:
        found = services().chats.messages(session_id, current_viewer().user_id, query.after_id, query.limit)
    except UnknownChatError as error:
        raise Problem(404, str(error)) from error
    next_after_id = found[-1].message_id if len(found) == query.limit else None
    return MessageList([message_view(message) for message in found], next_after_id)


@chats.delete("/<session_id>")
@endpoint(Operation("Delete a chat, and stop its tasks", status=204, problems=(404,)))
def delete_chat(session_id: str) -> None:
    """The chat and its messages are deleted; its tasks stay, without a chat."""
    viewer = current_viewer()
    try:
        services().chats.get(session_id, viewer.user_id)
        _stop_tasks(session_id, viewer)
        services().chats.delete(session_id, viewer.user_id)
    except UnknownChatError as error:
        raise Problem(404, str(error)) from error


def _stop_tasks(chat_id: str, viewer: Viewer) -> None:
    while tasks := services().manager.list(TaskFilter(OPEN, chat_id=chat_id), viewer).tasks:
        for task in tasks:
            with suppress(WrongStatusError):  # it has ended by itself
                services().manager.stop(task.task_id, viewer)


def _before(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    updated_us, _, chat_id = cursor.partition(".")
    if not updated_us.isascii() or not updated_us.isdigit() or len(updated_us) > 18:
        raise Problem(400, "Invalid cursor; use next_cursor of the previous page, or none.")
    return int(updated_us), chat_id
