"""Chats over HTTP; what is said in them goes over the WebSocket at /socket.io/."""

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
from chatserver.services import services
from chatserver.tasks.errors import WrongStatusError
from chatserver.tasks.records import OPEN, TaskFilter
from chatserver.web.errors import Problem
from chatserver.web.gate import current_viewer

chats = Blueprint("chats", __name__, url_prefix="/api/chats")


class ChatQuery(Request, frozen=True):
    """How many chats, and from which on."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Cursor | None = None


class MessageQuery(Request, frozen=True):
    """How many messages, and after which."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 100
    after_id: Annotated[int, Meta(ge=0, le=2**53)] = 0


class ChatList(msgspec.Struct, frozen=True):
    """Some chats, those first in which something was said last; `next_cursor` asks for those that follow."""

    chats: list[ChatView]
    next_cursor: str | None


class MessageList(msgspec.Struct, frozen=True):
    """Some messages of a chat, oldest first; `next_after_id` asks for those that follow."""

    messages: list[MessageView]
    next_after_id: int | None


@chats.get("")
@endpoint(Operation("Your chats", ChatList, query=ChatQuery))
def list_chats(query: ChatQuery) -> ChatList:
    """The viewer's own chats; an admin, too, sees no others."""
    found = services().chats.list(current_viewer().user_id, query.limit, _before(query.cursor))
    last = found[-1] if len(found) == query.limit else None
    return ChatList([chat_view(chat) for chat in found], f"{last.updated_us}.{last.chat_id}" if last else None)


@chats.get("/<session_id>/messages")
@endpoint(Operation("What was said in a chat", MessageList, query=MessageQuery, problems=(404,)))
def list_messages(session_id: str, query: MessageQuery) -> MessageList:
    """The messages of the viewer's own chat."""
    try:
        found = services().chats.messages(session_id, current_viewer().user_id, query.after_id, query.limit)
    except UnknownChatError as error:
        raise Problem(404, str(error)) from error
    next_after_id = found[-1].message_id if len(found) == query.limit else None
    return MessageList([message_view(message) for message in found], next_after_id)


@chats.delete("/<session_id>")
@endpoint(Operation("Forget a chat, and stop what works for it", status=204, problems=(404,)))
def delete_chat(session_id: str) -> None:
    """Nothing of it is kept but its tasks, which are chats' no more."""
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
            with suppress(WrongStatusError):  # it ended by itself meanwhile
                services().manager.stop(task.task_id, viewer)


def _before(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    updated_us, _, chat_id = cursor.partition(".")
    if not updated_us.isascii() or not updated_us.isdigit() or len(updated_us) > 18:
        raise Problem(400, "The cursor is none of this list's; take the next_cursor of its last page.")
    return int(updated_us), chat_id
