"""A chat with the real Claude Code, through the real socket.io-client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.chatserver.chat.servers import threaded
from tests.chatserver.chat.socketio_client import socketio_client
from tests.e2e.workplace import Workplace


def test_the_second_message_of_a_chat_remembers_the_first(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answer = workplace.api.answer

    def remember(request: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        asked.append(json.dumps(request["messages"]))
        return answer(request)

    monkeypatch.setattr(workplace.api, "answer", remember)
    for name, value in workplace.environment.items():
        monkeypatch.setenv(name, value)
    url = f"sqlite:///{workplace.directory / 'chat.sqlite3'}"
    with threaded(workplace.directory, url, workplace.cli) as (address, site), socketio_client() as client:
        client.connected(address, site.tokens.issue(site.user()))
        first = client.say("Remember the word heliotrope. script:quick")
        assert client.event("chat_response", lambda payload: payload["final"])["message"] == "Done."
        second = client.say("Which word was it? script:quick", first["session_id"])
        last = client.event("chat_response", lambda payload: payload["final"])
        assert (last["task_id"], last["message"]) == (second["task_id"], "Done.")
        tasks = [site.manager.get(said["task_id"], site.users.list()[0].viewer) for said in (first, second)]
    assert tasks[0].session_uuid == tasks[1].session_uuid
    assert [task.resumes for task in tasks] == [False, True]
    assert any("Which word was it?" in one and "heliotrope" in one for one in asked)
