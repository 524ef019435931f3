"""Lines that were copied to the transcript of a fork: whose messages they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, session_of, user_line, write

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
