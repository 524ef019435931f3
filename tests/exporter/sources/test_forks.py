"""Lines that were copied to the transcript of a fork: whose messages they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, prompt_line, session_of, user_line, write

ZEROED = {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    return tmp_path / SLUG / "fork.jsonl"


def read(transcript: Path) -> TranscriptRead:
    file = log_file(str(transcript.parent), transcript.name)
    assert file
    found = read_transcript(file, Position(), str(transcript.parent), session_of)
    assert found
    return found


def test_a_copy_that_names_its_session_is_a_message_of_that(fork: Path) -> None:
    copies = [assistant_line(number, sessionId="fork", requestSessionId=SESSION) for number in (1, 2)]
    write(fork, *copies, assistant_line(3, sessionId="fork", second=5))
    found = read(fork)
    assert [message.session for message in found.messages] == [SESSION, SESSION, "fork"]
    assert not any(message.copied for message in found.messages)
    assert found.parents == {"fork": SESSION}


def test_the_parent_is_the_session_of_the_last_copy(fork: Path) -> None:
    write(fork, *(assistant_line(1, sessionId="fork", requestSessionId=session) for session in ("first", "second")))
    assert read(fork).parents == {"fork": "second"}


def test_a_message_that_is_older_than_its_file_is_a_copy_of_an_unknown_session(fork: Path) -> None:
    started = assistant_line(2, sessionId="fork", second=5)
    write(fork, started, assistant_line(1, sessionId="fork", second=4))
    found = read(fork)
    assert [(message.session, message.copied) for message in found.messages] == [("fork", False), ("fork", True)]
    assert found.parents == {"fork": ""}


def test_a_copy_with_zeroed_usage_reports_nothing(fork: Path) -> None:
    named = assistant_line(1, ZEROED, sessionId="fork", requestSessionId=SESSION)
    unnamed = assistant_line(2, ZEROED, sessionId="fork", second=-1)
    write(fork, assistant_line(3, sessionId="fork"), named, unnamed, user_line())
    found = read(fork)
    assert [message.session for message in found.messages] == ["fork"]
    assert [record.copied for record in found.records] == [False, True, True, False]


def test_a_session_that_was_resumed_is_no_fork(fork: Path) -> None:
    write(fork, assistant_line(1), assistant_line(2, requestSessionId=SESSION, second=9))
    assert (read(fork).parents, [message.copied for message in read(fork).messages]) == ({}, [False, False])


def test_the_session_that_a_conversation_is_moved_from_names_the_one_that_continues_it(fork: Path) -> None:
    line = {"type": "continued-in", "sessionId": SESSION, "continuedInSessionId": "fork"}
    write(fork, json.dumps(line, separators=(",", ":")) + "\n")
    assert read(fork).parents == {"fork": SESSION}


def test_a_sub_agent_that_continues_the_conversation_begins_with_what_the_main_agent_did(tmp_path: Path) -> None:
    transcript = tmp_path / SLUG / SESSION / "subagents" / "agent-a1.jsonl"
    write(transcript.with_suffix(".meta.json"), '{"agentType":"fork","isFork":true}')
    of_agent: dict[str, Any] = {"isSidechain": True, "agentId": "a1"}
    call = {"type": "tool_use", "id": "toolu_1", "name": "Agent", "input": {}}
    started = [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Fork started"},
        {"type": "text", "text": "<fork-boilerplate>"},
    ]
    write(
        transcript,
        assistant_line(1, message={"content": [call]}, requestId="r1", **of_agent),
        prompt_line(started, second=1, **of_agent),
        assistant_line(
            2,
            second=2,
            message={"content": [{**call, "id": "toolu_2", "name": "Bash"}]},
            requestId="r2",
            attributionAgent="fork",
            **of_agent,
        ),
    )
    file = log_file(str(transcript.parent), transcript.name)
    assert file
    found = read_transcript(file, Position(), str(tmp_path / SLUG), session_of)
    assert found
    assert [message.agent for message in found.messages] == ["main", "fork"]
    records = [record for record, *_ in found.records]
    assert [(record.event, record.call_id, record.agent) for record in records if record.event or record.call_id] == [
        ("SubagentStart", "", "fork"),
        ("", "toolu_2", "fork"),
    ]
