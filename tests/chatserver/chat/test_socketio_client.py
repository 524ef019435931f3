"""The real socket.io-client, unchanged, on both servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chatserver.chat.people import People
from tests.chatserver.chat.site import Site
from tests.chatserver.chat.socketio_client import SocketIoClient, socketio_client


def final(payload: dict[str, Any]) -> bool:
    return bool(payload["final"])


def part(payload: dict[str, Any]) -> bool:
    return not payload["final"]


def of(task_id: str, status: str) -> Callable[[dict[str, Any]], bool]:
    return lambda update: bool(update["task_id"] == task_id and update["status"] == status)


def test_a_message_becomes_a_task_whose_answer_comes_whole(url: str, token: str, client: SocketIoClient) -> None:
    client.connected(url, token)
    said = client.say("hello")
    answer = client.event("chat_response", final)
    assert answer["session_id"] == said["session_id"]
    assert answer["task_id"] == said["task_id"]
    assert answer["message_id"] > said["message_id"]
    assert "hello" in answer["message"]
    assert answer["role"] == "assistant"
    client.event("task_update", of(said["task_id"], "pending"))
    client.event("task_update", of(said["task_id"], "running"))
    client.event("task_update", of(said["task_id"], "completed"))


def test_what_is_written_comes_before_the_whole_of_it(url: str, token: str, client: SocketIoClient) -> None:
    client.connected(url, token)
    said = client.say("hello")
    first = client.event("chat_response")
    assert (first["final"], first["index"], first["task_id"]) == (False, 0, said["task_id"])
    whole = client.event("chat_response", final)
    parts = [first, *filter(part, client.kept("chat_response"))]
    assert [one["index"] for one in parts] == list(range(len(parts)))
    assert "".join(one["message"] for one in parts) == whole["message"]


def test_a_chat_continues_where_it_was(url: str, token: str, client: SocketIoClient) -> None:
    client.connected(url, token)
    first = client.say("one")
    second = client.say("recall", first["session_id"])
    assert second["session_id"] == first["session_id"]
    answers = [client.event("chat_response", final)["message"] for _ in range(2)]
    assert answers == ["You said: one", "one, recall"]


def test_a_command_is_answered_in_the_chat_and_in_its_acknowledgement(
    url: str, token: str, client: SocketIoClient
) -> None:
    client.connected(url, token)
    said = client.say("/tasks:status")
    answer = client.event("chat_response")
    assert said["command"]["success"]
    assert answer["message"] == said["command"]["message"] == "0 active tasks, 0 completed, 0 failed"
    assert (answer["role"], answer["final"], answer["task_id"]) == ("command", True, None)


def test_a_task_that_fails_says_why(url: str, token: str, client: SocketIoClient) -> None:
    client.connected(url, token)
    said = client.say("fail")
    told = client.event("chat_error")
    assert (told["task_id"], told["session_id"], told["role"]) == (said["task_id"], said["session_id"], "error")
    assert "It failed." in told["message"]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"message": ""}, "The message is empty"),
        ({"message": 3}, "The message is empty"),
        ({}, "The message is empty"),
        ("text", "has one object"),
        ({"message": "a\0b"}, "lone surrogate"),
        ({"message": "\ud800"}, "lone surrogate"),
        ({"message": "x" * 100_001}, "too long"),
        ({"message": "x", "session_id": "none"}, "no such chat"),
        ({"message": "x", "session_id": 7}, "Invalid session_id"),
        ({"message": "x", "client_id": "answer:1"}, "Invalid client_id"),
    ],
)
def test_what_is_no_chat_message_is_answered_with_an_error_and_the_socket_stays(
    site: tuple[str, Site], token: str, client: SocketIoClient, payload: object, said: str
) -> None:
    client.connected(site[0], token)
    assert said in client.emit("chat_message", payload)["error"]
    client.do("emit", name="chat_message", payload=payload)
    assert said in client.event("chat_error")["message"]
    assert client.say("/help")["command"]["success"]


def test_a_client_that_sends_too_fast_gets_an_error_and_the_socket_stays(
    site: tuple[str, Site], token: str, client: SocketIoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatserver.chat.events.MESSAGE_BURST", 2)
    monkeypatch.setattr("chatserver.chat.events.MESSAGE_INTERVAL_SECONDS", 1e6)
    client.connected(site[0], token)
    assert [bool(client.say("/help").get("command")) for _ in range(3)] == [True, True, False]
    assert "too fast; try again" in client.say("/help")["error"]


def test_a_message_while_the_database_is_away_says_so_and_is_taken_later(
    site: tuple[str, Site], token: str, client: SocketIoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, served = site
    monkeypatch.setattr("chatserver.storage.database.BUSY_SECONDS", 0.01)
    client.connected(url, token)
    message = {"message": "hello", "client_id": "hello"}
    with served.database._write_lock:  # somebody else writes
        refused = client.emit("chat_message", message)
    assert refused == {"error": "The database does not answer; try again in 10 seconds."}
    assert client.emit("chat_message", message)["task_id"]


def test_an_unknown_event_is_answered_with_an_error(url: str, token: str, client: SocketIoClient) -> None:
    client.connected(url, token)
    assert "Unknown event 'nonsense'" in client.emit("nonsense", {})["error"]


@pytest.mark.parametrize("token_given", [None, "", "nonsense", 7, {"a": 1}])
def test_who_has_no_token_is_refused_and_does_not_try_again(
    site: tuple[str, Site], client: SocketIoClient, token_given: object
) -> None:
    client.connect(site[0], token_given)
    refused = client.take("connect_error")
    assert "oken" in refused["message"]
    assert not refused["active"]


def test_who_comes_back_gets_what_they_missed_and_nothing_twice(
    url: str, token: str, client: SocketIoClient, tmp_path: Path
) -> None:
    client.connected(url, token)
    said = client.say("wait")
    client.event("task_update", of(said["task_id"], "running"))
    client.do("auth", auth={"token": token, "last_message_id": said["message_id"]})
    client.do("disconnect")
    client.take("disconnect")
    (tmp_path / "work" / "go").touch()
    with socketio_client() as other:
        other.connected(url, token, last_message_id=said["message_id"])
        missed = other.event("chat_response", final)
    client.do("reconnect")
    client.take("connect")
    assert client.event("chat_response", final) == missed
    client.say("/help", said["session_id"])
    client.event("chat_response", lambda payload: payload.get("role") == "command")
    assert list(filter(final, client.kept("chat_response"))) == []


def test_who_joins_while_something_is_written_gets_all_of_it(
    url: str, token: str, client: SocketIoClient, tmp_path: Path
) -> None:
    client.connected(url, token)
    said = client.say("wait")
    first = client.event("chat_response", part)
    with socketio_client() as other:
        other.connected(url, token)
        assert other.event("chat_response", part)["message"].startswith(first["message"])
        assert other.event("task_update", of(said["task_id"], "running"))
        (tmp_path / "work" / "go").touch()
        assert other.event("chat_response", final) == client.event("chat_response", final)


def test_nothing_is_kept_of_an_answer_whose_chat_is_deleted_while_it_is_written(
    site: tuple[str, Site], token: str, people: People, client: SocketIoClient, tmp_path: Path
) -> None:
    url, served = site
    client.connected(url, token)
    said = client.say("wait")
    client.event("chat_response", part)
    served.chats.delete(said["session_id"], people.user("ann").user_id)
    (tmp_path / "work" / "go").touch()
    client.event("task_update", of(said["task_id"], "completed"))
    client.say("/help")
    with socketio_client() as other:
        other.connected(url, token)
        reply = other.say("/help")
        other.event("chat_response", lambda payload: payload["session_id"] == reply["session_id"])
        assert other.kept("chat_response") == []


def test_a_message_that_is_sent_again_is_stored_once(url: str, token: str, client: SocketIoClient) -> None:
    client.connected(url, token)
    first = client.say("hello", client_id="one")
    assert client.say("hello", client_id="one") == first
    assert client.say("hello", first["session_id"], client_id="one") == first
    assert "Another message" in client.say("else", first["session_id"], client_id="one")["error"]
    client.event("chat_response", final)
    status = client.say("/tasks:status")["command"]["message"]
    assert "1 completed" in status


def test_a_command_that_is_sent_again_is_carried_out_once(url: str, token: str, client: SocketIoClient) -> None:
    client.connected(url, token)
    first = client.say("/tasks:start wait", client_id="one")
    again = client.say("/tasks:start wait", client_id="one")
    assert again["command"]["message"] == first["command"]["message"]
    assert "1 active task" in client.say("/tasks:status")["command"]["message"]
    client.say("/tasks:stopall")


def test_another_window_sees_what_is_said_and_others_see_nothing(
    url: str, people: People, client: SocketIoClient
) -> None:
    with socketio_client() as window, socketio_client() as stranger, socketio_client() as admin:
        window.connected(url, people.token("ann"))
        stranger.connected(url, people.token("bob"))
        admin.connected(url, people.token("eve", "admin"))
        client.connected(url, people.token("ann"))
        said = client.say("hello", client_id="mine")
        seen = window.event("chat_message")
        assert (seen["message"], seen["client_id"], seen["message_id"]) == ("hello", "mine", said["message_id"])
        assert window.event("chat_response", final) == client.event("chat_response", final)
        assert client.kept("chat_message") == []
        assert "no such chat" in stranger.say("hello", said["session_id"])["error"]
        assert "no such chat" in admin.say("hello", said["session_id"])["error"]
        admin.event("task_update", of(said["task_id"], "completed"))
        stranger.say("/help")
        assert stranger.kept("task_update") == []
        assert [one["role"] for one in admin.kept("chat_response")] == []


def test_who_is_revoked_is_put_out_with_a_reason_and_stays_out(
    url: str, people: People, client: SocketIoClient
) -> None:
    token = people.token("ann")
    client.connected(url, token)
    identity = people.tokens.verify(token)
    people.tokens.revoke(identity.jti, identity.expires_us)
    client.do("emit", name="chat_message", payload={"message": "hello"})
    assert "revoked" in client.event("chat_error")["message"]
    gone = client.take("disconnect")
    assert (gone["reason"], gone["active"]) == ("io server disconnect", False)
    client.do("reconnect")
    assert "revoked" in client.take("connect_error")["message"]


def test_a_client_that_leaves_is_forgotten(site: tuple[str, Site], token: str, client: SocketIoClient) -> None:
    url, served = site
    client.connected(url, token)
    assert served.hub.count == 1
    client.do("disconnect")
    client.take("disconnect")
    with served.hub._changed:
        assert served.hub._changed.wait_for(lambda: served.hub.count == 0, 10)
