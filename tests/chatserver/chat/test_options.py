"""What a client chooses for the tasks of a chat."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chatserver.chat.events import ChatMessage, Conversations, InvalidEventError, read_chat_message
from chatserver.chat.history import Chats
from chatserver.chat.options import ChatOptions
from chatserver.commands import CommandHandler
from chatserver.tasks.errors import InvalidTaskError, TaskError
from chatserver.tasks.records import Task
from tests.chatserver.people import ANN
from tests.chatserver.tasks.conftest import place
from tests.chatserver.tasks.place import Place

__all__ = ["place"]


@pytest.fixture
def say(place: Place) -> Any:
    """Sends a message with options, and returns its task and its chat."""
    manager, chats = place.manager(permission_mode="acceptEdits"), Chats(place.database)
    conversations = Conversations(chats, manager, CommandHandler(manager))

    numbers = count()

    def send(chat_id: str | None = None, **options: Any) -> tuple[Task, str]:
        sent = ChatMessage("hello", chat_id, f"message-{next(numbers)}", ChatOptions(**options))
        answer = conversations.handle_message(sent, ANN)
        return manager.get(answer["task_id"], ANN), answer["session_id"]

    return send


def test_a_message_chooses_for_its_task(say: Any) -> None:
    task, chat_id = say(model="haiku", permission_mode="plan", agent="reviewer", max_budget_usd=0.5)
    assert (task.model, task.permission_mode, task.agent, task.chat_id) == ("haiku", "plan", "reviewer", chat_id)
    assert task.max_budget_picodollars == 500_000_000_000


def test_a_chat_stays_in_its_first_workspace(say: Any, place: Place) -> None:
    (place.workspace / "in").mkdir()
    there = str(place.workspace / "in")
    first, chat_id = say(workspace=there)
    assert [first.workspace, say(chat_id)[0].workspace, say(chat_id, workspace=there, model="x")[0].workspace] == [
        there
    ] * 3
    with pytest.raises(InvalidTaskError, match=f"A conversation stays in its workspace \\({there}\\); start a new one"):
        say(chat_id, workspace=str(place.workspace))
    assert Chats(place.database).get(chat_id, ANN.user_id).workspace == there


def test_what_is_refused_leaves_no_chat(say: Any, place: Place, tmp_path: Path) -> None:
    for refused in ({"permission_mode": "auto"}, {"workspace": str(tmp_path)}, {"agent": "--x"}):
        with pytest.raises(TaskError):
            say(**refused)
    assert Chats(place.database).list(ANN.user_id, 10) == []


@pytest.mark.parametrize(
    "options", [[], "x", {"mode": "plan"}, {"model": 1}, {"max_budget_usd": -1}, {"workspace": "a\0"}, {"model": None}]
)
def test_options_that_are_none_are_refused(options: object) -> None:
    with pytest.raises(InvalidEventError, match="Invalid options"):
        read_chat_message(({"message": "hello", "options": options},))
