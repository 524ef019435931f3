"""The cost-state lines of transcripts, and what the lines before them say about them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.model.cost_states import CostState
from exporter.model.records import Usage
from exporter.sources.files import log_file
from exporter.sources.line_context import CONTEXT_BYTES
from exporter.sources.positions import Position
from exporter.sources.timestamps import to_us
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    assistant_line,
    attachment_line,
    cost_state_line,
    session_of,
    usage,
    write,
)

OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5"
NOON_US = to_us(NOON.isoformat()) or 0
SECOND_US = 1_000_000


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    return tmp_path / SLUG / f"{SESSION}.jsonl"


def read(transcript: Path, position: Position | None = None) -> TranscriptRead:
    file = log_file(str(transcript.parent), transcript.name)
    assert file
    found = read_transcript(file, position or Position(), str(transcript.parent), session_of)
    assert found
    return found


def states(transcript: Path) -> list[CostState]:
    return read(transcript).cost_states


def test_a_cost_state_has_the_usage_of_each_model_and_the_place_of_the_lines_before_it(transcript: Path) -> None:
    used = {OPUS: usage(1, 2, read=3, five=4, hour=5) | {"web_searches": 6}, HAIKU: usage(7, 8)}
    write(transcript, assistant_line(1, second=3), attachment_line("x"), cost_state_line(2_500, used))
    (state,) = states(transcript)
    assert state.usage == {OPUS: Usage(1, 2, 3, 4, 5, 6), HAIKU: Usage(7, 8)}
    assert (state.session, state.project, state.directory) == (SESSION, "shop", str(transcript.parent))
    assert (state.time_us, state.started_us, state.duration_us) == (NOON_US + 3 * SECOND_US, NOON_US, 2_500_000)


def test_its_time_is_the_latest_of_lines_that_parallel_processes_wrote_out_of_order(transcript: Path) -> None:
    write(transcript, assistant_line(1, second=9), assistant_line(2, second=8), cost_state_line(1, {}))
    assert [state.time_us for state in states(transcript)] == [NOON_US + 9 * SECOND_US]


def test_lines_that_were_read_before_give_it_its_time_and_project(transcript: Path) -> None:
    write(transcript, assistant_line(1, second=3), attachment_line("x" * 1_000))
    first = read(transcript)
    write(transcript, cost_state_line(1, {}))
    (state,) = read(transcript, first.position).cost_states
    assert (state.time_us, state.project) == (NOON_US + 3 * SECOND_US, "shop")


def test_without_a_line_with_a_time_its_time_is_that_of_the_file(transcript: Path) -> None:
    write(transcript, assistant_line(1), attachment_line("x" * CONTEXT_BYTES))
    first = read(transcript)
    write(transcript, cost_state_line(1, {}))
    (state,) = read(transcript, first.position).cost_states
    assert (state.time_us, state.project) == (transcript.stat().st_mtime_ns // 1000, "shop")


def test_the_key_depends_on_the_numbers_and_not_on_the_text(transcript: Path) -> None:
    line = cost_state_line(1, {OPUS: usage(1, 2)})
    spaced = json.dumps(dict(reversed(json.loads(line).items()))).replace('"type": ', '"type":') + "\n"
    write(transcript, line, spaced, cost_state_line(2, {OPUS: usage(1, 2)}), cost_state_line(1, {OPUS: usage(1, 3)}))
    first, same, *others = [state.key for state in states(transcript)]
    assert first == same
    assert len({first, *others}) == 3


def test_cache_writes_without_their_lifetime_are_for_five_minutes(transcript: Path) -> None:
    line = json.loads(cost_state_line(1, {OPUS: usage(five=4, hour=5), HAIKU: usage(five=4)}))
    del line["modelUsage"][OPUS]["cacheCreationEphemeral1hInputTokens"]
    line["modelUsage"][HAIKU]["cacheCreationEphemeral1hInputTokens"] = 7
    write(transcript, json.dumps(line, separators=(",", ":")) + "\n")
    (state,) = states(transcript)
    written = {model: (used.cache_write_5m, used.cache_write_1h) for model, used in state.usage.items()}
    assert written == {OPUS: (9, 0), HAIKU: (0, 4)}


@pytest.mark.parametrize(
    "fields",
    [
        {"sessionId": ""},
        {"sessionId": None},
        {"totalDuration": -1},
        {"totalDuration": "1"},
        {"startTime": None},
        {"modelUsage": None},
        {"modelUsage": {OPUS: {"inputTokens": 1}}},
    ],
)
def test_a_cost_state_that_claude_code_ignores_is_ignored(transcript: Path, fields: dict[str, Any]) -> None:
    write(transcript, assistant_line(1), cost_state_line(1, {}, **fields))
    found = read(transcript)
    assert (found.cost_states, len(found.messages), found.malformed) == ([], 1, 0)


@pytest.mark.parametrize("number", [-1, 1.5, 10**13, "1", None, True])
def test_a_cost_state_with_an_impossible_number_is_ignored(transcript: Path, number: object) -> None:
    line = json.loads(cost_state_line(1, {OPUS: usage(1, 2)}))
    line["modelUsage"][OPUS]["outputTokens"] = number
    write(transcript, json.dumps(line, separators=(",", ":")) + "\n")
    assert states(transcript) == []


def test_a_text_about_a_cost_state_is_none(transcript: Path) -> None:
    quoted = assistant_line(1, message={"content": [{"type": "text", "text": cost_state_line(1, {})}]})
    write(transcript, quoted, assistant_line(2, second=timedelta(days=1).total_seconds()))
    assert states(transcript) == []
