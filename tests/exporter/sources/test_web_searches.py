"""Searches of the WebSearch tool, which only the results of its calls report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exporter.model.records import NOT_ITEMIZED, ApiMessage, Usage
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, search_line, session_of, user_line, write

OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5"


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    return tmp_path / SLUG / f"{SESSION}.jsonl"


def read(transcript: Path, position: Position | None = None) -> TranscriptRead:
    file = log_file(str(transcript.parent), transcript.name)
    assert file
    found = read_transcript(file, position or Position(), str(transcript.parent), session_of)
    assert found
    return found


def searches(found: TranscriptRead) -> list[ApiMessage]:
    return [message for message in found.messages if message.agent == NOT_ITEMIZED]


def test_searches_are_attributed_to_the_model_that_called_the_tool(transcript: Path) -> None:
    write(transcript, assistant_line(1, model=HAIKU), assistant_line(2, model=OPUS), search_line(1, 2, second=1))
    (message,) = searches(read(transcript))
    assert (message.model, message.project, message.session) == (OPUS, "shop", SESSION)
    assert message.usage == Usage(web_searches=2)


def test_the_model_may_be_in_lines_that_were_read_before(transcript: Path) -> None:
    write(transcript, assistant_line(1, model=HAIKU))
    first = read(transcript)
    write(transcript, search_line(1, 2))
    assert [message.model for message in searches(read(transcript, first.position))] == [HAIKU]


def test_without_a_message_before_it_the_model_is_unknown(transcript: Path) -> None:
    write(transcript, search_line(1, 2))
    assert [message.model for message in searches(read(transcript))] == ["unknown"]


def test_a_copy_in_a_fork_has_the_same_key_and_session(transcript: Path) -> None:
    write(transcript, assistant_line(1), search_line(1, 2))
    fork = transcript.with_name("fork.jsonl")
    write(fork, assistant_line(1, sessionId="fork", requestSessionId=SESSION), search_line(1, 2, sessionId="fork"))
    first, copy = searches(read(transcript)) + searches(read(fork))
    assert (copy.key, copy.session) == (first.key, SESSION)


@pytest.mark.parametrize("count", [0, -1, 1_001, 1.0, "2", True, None])
def test_an_impossible_number_of_searches_is_ignored(transcript: Path, count: object) -> None:
    line = json.loads(search_line(1, 2))
    line["toolUseResult"]["searchCount"] = count
    write(transcript, json.dumps(line, separators=(",", ":")) + "\n")
    assert read(transcript).messages == []


@pytest.mark.parametrize("result", ["searchCount", ["searchCount"], {"searchCount": 2}, {"query": "x"}, None, 3])
def test_results_of_other_tools_report_no_searches(transcript: Path, result: object) -> None:
    write(transcript, search_line(1, 2, toolUseResult=result), user_line())
    assert read(transcript).messages == []
