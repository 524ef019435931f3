"""What was said, as both databases keep it."""

from __future__ import annotations

import threading

import pytest

from chatserver.chat.history import ChatLimitError, Chats, NewMessage, Role, UnknownChatError
from chatserver.storage.database import Database, open_database


@pytest.fixture
def chats(database: Database) -> Chats:
    return Chats(database)


def said(chat_id: str, text: str, client_id: str, role: Role = Role.USER) -> NewMessage:
    return NewMessage(chat_id, role, text, client_id)


def test_what_was_said_is_there_after_a_restart(database_url: str) -> None:
    with open_database(database_url) as database:
        chat = Chats(database).create("ann", "  a\n title ")
        message, is_new = Chats(database).add_message(said(chat.chat_id, "hello", "one"))
    with open_database(database_url) as database:
        assert Chats(database).messages(chat.chat_id, "ann") == [message]
        assert Chats(database).get(chat.chat_id, "ann").title == "a title"
    assert is_new


def test_a_message_of_one_name_is_stored_once(chats: Chats) -> None:
    chat = chats.create("ann", "x")
    first = chats.add_message(said(chat.chat_id, "hello", "one"))
    assert chats.add_message(said(chat.chat_id, "hello", "one")) == (first[0], False)


def test_a_chat_that_the_same_message_begins_is_the_same(chats: Chats) -> None:
    assert chats.create("ann", "x", "one").chat_id == chats.create("ann", "x", "one").chat_id
    assert chats.create("ann", "x", "one").chat_id != chats.create("bob", "x", "one").chat_id
    assert chats.create("ann", "x").chat_id != chats.create("ann", "x").chat_id


def test_a_chat_is_its_users_alone(chats: Chats) -> None:
    chat = chats.create("ann", "x")
    for ask in (chats.get, chats.messages, chats.delete):
        with pytest.raises(UnknownChatError):
            ask(chat.chat_id, "bob")
    assert chats.list("bob", 10) == []


def test_a_deleted_chat_takes_its_messages_along(chats: Chats) -> None:
    chat = chats.create("ann", "x")
    chats.add_message(said(chat.chat_id, "hello", "one"))
    chats.delete(chat.chat_id, "ann")
    assert chats.last_id("ann") == 0
    with pytest.raises(UnknownChatError):
        chats.add_message(said(chat.chat_id, "late", "two"))


def test_a_user_has_so_many_chats_and_a_chat_so_many_messages(chats: Chats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatserver.chat.history.MAX_CHATS_OF_USER", 2)
    monkeypatch.setattr("chatserver.chat.history.MAX_MESSAGES_OF_CHAT", 2)
    chat, _ = chats.create("ann", "x", "one"), chats.create("ann", "y")
    with pytest.raises(ChatLimitError, match="You have 2 chats, the maximum; delete one first"):
        chats.create("ann", "z")
    assert chats.create("ann", "x", "one") == chat
    assert chats.create("bob", "x")
    for client_id in ("one", "two"):
        chats.add_message(said(chat.chat_id, "hello", client_id))
    with pytest.raises(ChatLimitError, match="This chat has 2 messages, the maximum; start a new one"):
        chats.add_message(said(chat.chat_id, "hello", "three"))
    assert not chats.add_message(said(chat.chat_id, "hello", "two"))[1]
    assert chats.add_message(said(chat.chat_id, "an answer", "four", Role.ASSISTANT))[1]


def test_chats_are_listed_page_by_page_the_last_spoken_first(chats: Chats) -> None:
    made = [chats.create("ann", str(number)) for number in range(5)]
    chats.add_message(said(made[0].chat_id, "hello", "one"))
    first = chats.list("ann", 2)
    rest = chats.list("ann", 9, (first[-1].updated_us, first[-1].chat_id))
    assert first[0].chat_id == made[0].chat_id
    assert {chat.chat_id for chat in (*first, *rest)} == {chat.chat_id for chat in made}
    assert len(first) + len(rest) == 5


def test_who_follows_by_number_misses_nothing_however_many_speak_at_once(chats: Chats) -> None:
    ids = [chats.create("ann", str(number)).chat_id for number in range(4)]
    followed: list[int] = []
    speakers = [
        threading.Thread(target=lambda chat_id=chat_id: [
            chats.add_message(said(chat_id, "x", str(number))) for number in range(15)
        ])
        for chat_id in ids
    ]  # fmt: skip
    for speaker in speakers:
        speaker.start()
    while len(followed) < 60:
        followed += [one.message_id for one in chats.messages_between("ann", followed[-1] if followed else 0, 2**62)]
        assert any(speaker.is_alive() for speaker in speakers) or chats.last_id("ann") >= followed[-1]
    assert followed == sorted(set(followed))
