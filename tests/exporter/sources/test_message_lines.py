"""Lines of one message that follow each other."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.messages import CountedMessage, merged
from exporter.model.records import ApiMessage
from exporter.prices.table import load_prices
from exporter.sources.api_messages import api_messages
from exporter.sources.files import log_file
from exporter.sources.line_context import first_time_us
from exporter.sources.lines import read_chunk
from exporter.sources.positions import Position
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_authors import TranscriptFile
from exporter.sources.transcript_lines import decode_line
from exporter.sources.transcripts import TranscriptRead, Wanted, read_transcript
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, session_of, usage, write

PRICES = load_prices()
ADVICE = [{"type": "advisor_message", "model": "claude-haiku-4-5", "input_tokens": 5, "output_tokens": 7}]
REQUESTS = [{"type": "message", "input_tokens": 5, "output_tokens": 20}, {"type": "message", "output_tokens": 30}]
USAGES = st.builds(
    usage,
    plain=st.sampled_from([5, 10]),
    output=st.sampled_from([1, 50, 80]),
    five=st.sampled_from([0, 7]),
    hour=st.sampled_from([0, 9]),
    speed=st.sampled_from(["standard", "standard", "fast"]),
    inference_geo=st.sampled_from(["", "", "us"]),
    iterations=st.sampled_from([[], [], ADVICE, REQUESTS]),
    server_tool_use=st.sampled_from([None, {"web_search_requests": 2}]),
)
OTHER_FIELDS = st.sampled_from(
    [{}, {}, {}, {"requestId": "req_other"}, {"requestSessionId": "other"}, {"sessionId": "second"},
     {"attributionAgent": "Explore"}, {"gitBranch": "next"}, {"version": "2.1.330"}, {"timestamp": None},
     {"timestamp": "2026-11-22T14:00:00+02:00"}, {"timestamp": "2031-11-22T12:00:00.000Z"}]
)  # fmt: skip


def line(number: int, used: object, second: int, model: str = "claude-opus-4-6", **fields: Any) -> str:
    return assistant_line(number, used, model=model, **({"timestamp": f"2026-11-22T12:00:{second:02}.000Z"} | fields))


LINES = st.builds(
    lambda number, used, second, model, fields: line(number, used, second, model, **fields),
    st.integers(1, 2),
    USAGES,
    st.integers(0, 9),
    st.sampled_from(["claude-opus-4-6", "claude-opus-4-6", "claude-sonnet-4-5", "<synthetic>"]),
    OTHER_FIELDS,
)


def read(path: Path) -> tuple[TranscriptRead, TranscriptFile]:
    log = log_file(str(path.parent), path.name)
    assert log
    chunk = read_chunk(log, Position())
    found = read_transcript(log, Position(), str(path.parent), session_of, Wanted.COSTS)
    assert chunk
    assert found
    return found, TranscriptFile(log, str(path.parent), session_of, first_time_us(log, chunk))


def counted(messages: list[ApiMessage]) -> dict[int, CountedMessage]:
    found: dict[int, CountedMessage] = {}
    for message in messages:
        found[message.key] = merged(message, PRICES.cost, found.get(message.key))
    return found


@given(st.lists(LINES, min_size=1, max_size=6))
def test_joined_lines_are_counted_like_single_ones(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / SLUG / f"{SESSION}.jsonl"
        write(path, *lines)
        joined, file = read(path)
    texts = [line.encode() for line in lines]
    single = [
        message
        for text in texts
        if (decoded := decode_line(text))
        for message in api_messages(decoded, text, file, to_us(decoded.timestamp))
    ]
    assert counted(joined.messages) == counted(single)
    assert len(joined.messages) + joined.joined_lines == len(single)


@pytest.mark.parametrize("outputs", [(50, 50, 50), (1, 20, 50)], ids=["all say the same", "each says more"])
def test_lines_of_a_message_are_one(tmp_path: Path, outputs: tuple[int, ...]) -> None:
    path = tmp_path / SLUG / f"{SESSION}.jsonl"
    write(path, *(line(1, usage(output=output), second) for second, output in enumerate(outputs)))
    found, _ = read(path)
    assert [message.usage.output for message in found.messages] == [50]
    assert found.joined_lines == 2
