"""The usage of messages in transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.model.records import Usage
from tests.exporter.sources.read_messages import messages
from tests.support.transcript_lines import (
    SESSION,
    SLUG,
    assistant_line,
    usage,
    write,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / SLUG / f"{SESSION}.jsonl"


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ({}, Usage()),
        ({"input_tokens": None, "output_tokens": "5", "cache_read_input_tokens": -5}, Usage()),
        ({"input_tokens": True, "output_tokens": 1e30}, Usage()),
        ({"input_tokens": 3, "cache_creation_input_tokens": 70}, Usage(3, cache_write_5m=70)),
        ({"cache_creation_input_tokens": 70, "cache_creation": None}, Usage(cache_write_5m=70)),
        ({"cache_creation_input_tokens": 70, "cache_creation": {"ephemeral_1h_input_tokens": 90}},
         Usage(cache_write_1h=70)),
        ({"cache_creation": {"ephemeral_1h_input_tokens": 9, "ephemeral_5m_input_tokens": 4}},
         Usage(cache_write_5m=4, cache_write_1h=9)),
    ],
)  # fmt: skip
def test_incomplete_usage_counts_its_valid_fields(path: Path, used: object, expected: Usage) -> None:
    (message,) = messages(write(path, assistant_line(1, used)))
    assert message.usage == expected


def test_fast_messages_and_those_with_inference_in_the_us_are_marked(path: Path) -> None:
    (message,) = messages(write(path, assistant_line(1, usage(speed="fast", inference_geo="us"))))
    assert message.fast
    assert message.us_inference


def iteration(plain: int, output: int, read: int, written: int, kind: str = "message") -> dict[str, object]:
    return {
        "type": kind,
        "input_tokens": plain,
        "output_tokens": output,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
    }


def test_the_requests_of_a_message_are_kept_if_they_add_up_to_it(path: Path) -> None:
    iterations = [iteration(4, 20, 0, 100), iteration(9, 9, 9, 9, kind="advisor"), iteration(6, 30, 5, 40)]
    (message,) = messages(
        write(path, assistant_line(1, usage(10, 50, read=5, five=20, hour=120, iterations=iterations)))
    )
    assert message.parts == (Usage(4, 20, 0, 0, 100), Usage(6, 30, 5, 20, 20))


@pytest.mark.parametrize(
    "iterations", [None, [], [iteration(10, 50, 0, 0)], [iteration(4, 20, 0, 0), iteration(6, 31, 0, 0)]]
)
def test_requests_that_do_not_add_up_are_dropped(path: Path, iterations: object) -> None:
    (message,) = messages(write(path, assistant_line(1, usage(10, 50, iterations=iterations))))
    assert message.parts == ()
