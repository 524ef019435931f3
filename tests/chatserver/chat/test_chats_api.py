"""Chats over HTTP."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from chatserver.chat.history import NewMessage, Role
from tests.chatserver.chat.people import People
from tests.chatserver.chat.site import Site
from tests.chatserver.connections import own_environ


@pytest.fixture
def http(site: tuple[str, Site]) -> FlaskClient:
    client = site[1].app.test_client()
    client.environ_base.update(own_environ())
    return client


def test_a_person_reads_and_forgets_their_own_chats_alone(
    site: tuple[str, Site], people: People, http: FlaskClient
) -> None:
    kept = site[1].chats
    ann, bob = ({"Authorization": f"Bearer {people.token(name)}"} for name in ("ann", "bob"))
    chat = kept.create(people.user("ann").user_id, "hello")
    for number in range(3):
        kept.add_message(NewMessage(chat.chat_id, Role.USER, str(number), str(number)))
    messages = f"/api/chats/{chat.chat_id}/messages"
    listed = http.get("/api/chats", headers=ann).get_json()
    assert [(one["session_id"], one["title"]) for one in listed["chats"]] == [(chat.chat_id, "hello")]
    page = http.get(f"{messages}?limit=2", headers=ann).get_json()
    assert [one["message"] for one in page["messages"]] == ["0", "1"]
    rest = http.get(f"{messages}?after_id={page['next_after_id']}", headers=ann).get_json()
    assert [one["message"] for one in rest["messages"]] == ["2"]
    assert rest["next_after_id"] is None
    assert http.get("/api/chats", headers=bob).get_json()["chats"] == []
    assert http.get(messages, headers=bob).status_code == 404
    assert http.delete(f"/api/chats/{chat.chat_id}", headers=bob).status_code == 404
    assert http.delete(f"/api/chats/{chat.chat_id}", headers=ann).status_code == 204
    assert http.get(messages, headers=ann).status_code == 404
    assert http.get("/api/chats").get_json()["chats"] == []  # whoever sits at the machine sees nobody's


@pytest.mark.parametrize("query", ["cursor=x", "cursor=٣.a", "limit=0", "limit=x", "nonsense=1"])
def test_a_query_that_cannot_be_is_refused(people: People, http: FlaskClient, query: str) -> None:
    headers = {"Authorization": f"Bearer {people.token('ann')}"}
    assert http.get(f"/api/chats?{query}", headers=headers).status_code == 400
