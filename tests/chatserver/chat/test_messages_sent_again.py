"""A message gets one task, however often it is sent and whatever fails in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.chat.events import ChatMessage, Conversations
from chatserver.chat.history import Chats, NewMessage, Role
from chatserver.commands import CommandHandler
from chatserver.tasks.errors import DeletedMessageError
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.records import NewTask, TaskFilter
from tests.chatserver.people import ANN
from tests.chatserver.tasks.conftest import place
from tests.chatserver.tasks.place import Place

__all__ = ["place"]
SENT = ChatMessage("hello", None, "the-same-message")


def conversations(place: Place) -> Conversations:
    """Those of one of several servers on the same database."""
    manager = place.manager()
    return Conversations(Chats(place.database), manager, CommandHandler(manager))


def task_ids(manager: TaskManager) -> list[str]:
    return [task.task_id for task in manager.list(TaskFilter(), LOCAL_ADMIN).tasks]


def test_a_message_that_two_servers_get_at_once_has_one_task(place: Place) -> None:
    servers = [conversations(place) for _ in range(4)]
    with ThreadPoolExecutor(len(servers)) as pool:
        answers = list(pool.map(lambda server: server.handle_message(SENT, ANN), servers))
    assert task_ids(place.manager()) == [answers[0]["task_id"]]
    assert all(answer == answers[0] for answer in answers)


def test_a_task_that_was_added_as_the_server_was_killed_is_that_of_its_message(place: Place) -> None:
    chats, manager = Chats(place.database), place.manager()
    chat = chats.create(ANN.user_id, SENT.text, SENT.client_id)
    message, _ = chats.add_message(NewMessage(chat.chat_id, Role.USER, SENT.text, SENT.client_id))
    task = manager.create(NewTask(ANN, SENT.text, chat_id=chat.chat_id, message_id=message.message_id))
    assert conversations(place).handle_message(SENT, ANN)["task_id"] == task.task_id
    assert task_ids(manager) == [task.task_id]
    assert chats.get(chat.chat_id, ANN.user_id).workspace == task.workspace


def test_a_chat_that_is_deleted_in_the_meantime_gets_no_task(place: Place) -> None:
    chats, manager = Chats(place.database), place.manager()
    chat = chats.create(ANN.user_id, SENT.text)
    message, _ = chats.add_message(NewMessage(chat.chat_id, Role.USER, SENT.text, SENT.client_id))
    chats.delete(chat.chat_id, ANN.user_id)
    with pytest.raises(DeletedMessageError, match="The conversation was deleted"):
        manager.create(NewTask(ANN, SENT.text, chat_id=chat.chat_id, message_id=message.message_id))
    assert task_ids(manager) == []


def test_a_message_that_has_a_task_is_not_deleted_by_who_got_none(place: Place) -> None:
    chats = Chats(place.database)
    answer = conversations(place).handle_message(SENT, ANN)
    chats.delete_message(answer["message_id"])
    assert [message.text for message in chats.messages(answer["session_id"], ANN.user_id)] == [SENT.text]
